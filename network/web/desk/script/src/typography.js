/* What typing turns into something better; one step back (Backspace, or undoing) takes it back. */
import { InputRule, inputRules, textblockTypeInputRule, wrappingInputRule } from 'prosemirror-inputrules';
import { schema } from './markdown.js';

const { marks, nodes } = schema;

/* Replaces the last `tail` code units of what was matched, the sign being typed included. */
const ends = (pattern, tail, text) => new InputRule(pattern, (state, match, start, end) => {
  const kept = state.storedMarks || state.selection.$from.marks();
  return state.tr.replaceWith(start + match[0].length - tail, end, state.schema.text(text, kept));
}, { inCodeMark: false });

const NARROW = '\u202f';
const WIDE = '\u00a0';

/* No-break spaces inside guillemets and before double signs, as the Lexique des règles
   typographiques of the Imprimerie nationale has them. */
const french = () => [
  ends(/(?:^|[\s(\[])"$/u, 1, `«${WIDE}`),
  ends(/[^\s(\["]"$/u, 1, `${WIDE}»`),
  ends(/« $/u, 1, WIDE),
  ends(/\S »$/u, 2, `${WIDE}»`),
  ends(/[^\s] ;$/u, 2, `${NARROW};`),
  ends(/[^\s] !$/u, 2, `${NARROW}!`),
  ends(/[^\s] \?$/u, 2, `${NARROW}?`),
  ends(/[^\s] :$/u, 2, `${WIDE}:`),
  ends(/\d %$/u, 2, `${NARROW}%`),
  ends(/\d €$/u, 2, `${WIDE}€`),
];
const every = () => [ends(/\p{L}'$/u, 1, '’')];

/* Marks as they are written in Markdown, for whoever is used to it. */
const marked = (pattern, type) => new InputRule(pattern, (state, match, start, end) => {
  const [whole, sign, words] = match;
  const from = start + whole.length - words.length - 2 * sign.length;
  const shown = schema.text(words, [...state.doc.resolve(from).marks(), type.create()]);
  return state.tr.replaceWith(from, end, shown).removeStoredMark(type);
}, { inCodeMark: false });

const ADDRESS = /(?:^|[\s(«])(https?:\/\/[^\s<>"«»]*[^\s<>"«».,;:!?)])([.,;:!?)]*)\s$/u;

/* A bare address becomes a link when a space follows it. */
const address = new InputRule(ADDRESS, (state, match, start, end) => {
  const from = start + match[0].indexOf(match[1]);
  const to = from + match[1].length;
  if (state.doc.rangeHasMark(from, to, marks.link)) return null;
  return state.tr.insertText(match[0].slice(-1), end).addMark(from, to, marks.link.create({ href: match[1] }));
}, { inCodeMark: false });

const blocks = [
  wrappingInputRule(/^\s*([-+*])\s$/, nodes.bullet_list),
  wrappingInputRule(/^([0-9]{1,4})[.)]\s$/, nodes.ordered_list,
    (match) => ({ order: Number(match[1]), tight: true, mark: '.' }),
    (match, node) => node.childCount + node.attrs.order === Number(match[1])),
  wrappingInputRule(/^>\s$/, nodes.blockquote),
  textblockTypeInputRule(/^(#{1,6})\s$/, nodes.heading, (match) => ({ level: match[1].length })),
  textblockTypeInputRule(/^```$/, nodes.code_block),
];
const inline = [
  marked(/(\*\*)([^*\s](?:[^*]*[^*\s])?)\*\*$/u, marks.strong),
  marked(/(?<!\*)(\*)([^*\s](?:[^*]*[^*\s])?)\*$/u, marks.em),
];

/* lang: BCP 47 of the text. isOn(): whether its typography is wanted. */
export function typing(lang, isOn) {
  const wanted = [...every(), ...(lang.startsWith('fr') ? french() : [])];
  wanted.forEach((rule) => {
    const { handler } = rule;
    rule.handler = (...given) => (isOn() ? handler(...given) : null);
  });
  return inputRules({ rules: [...blocks, ...inline, address, ...wanted] });
}
