/* The Markdown that a node renders (network/case_studies/body.py) as a document of the
   editor, and back: CommonMark with tables and ~~deletions~~, no HTML. */
import MarkdownIt from 'markdown-it';
import { MarkdownParser, MarkdownSerializerState, defaultMarkdownParser, defaultMarkdownSerializer, schema as base } from 'prosemirror-markdown';
import { Fragment, Schema } from 'prosemirror-model';
import { tableNodes } from 'prosemirror-tables';

/* ---- What a document may hold ---- */

const aligned = {
  align: {
    default: null,
    getFromDOM: (dom) => dom.getAttribute('align'),
    setDOMAttr: (value, attributes) => { if (value) attributes['data-align'] = value; },
  },
};
const tables = tableNodes({ tableGroup: 'block', cellContent: 'inline*', cellAttributes: aligned });
/* Lists are tight unless they say otherwise: pasted and typed ones have no empty lines between. */
const listed = (node, tag) => ({
  ...node,
  attrs: { ...node.attrs, tight: { default: true }, mark: { default: null } },
  parseDOM: [{
    tag,
    getAttrs: (dom) => ({ ...(tag === 'ol' && { order: Number(dom.getAttribute('start') ?? 1) }), tight: dom.dataset.tight !== 'false' }),
  }],
  toDOM: ({ attrs: { order, tight } }) => [tag, { start: order === 1 ? null : order, 'data-tight': tight ? null : 'false' }, 0],
});

/* A page's own headings stand above those of a text; a level is kept apart from its element. */
const heading = {
  ...base.spec.nodes.get('heading'),
  content: 'inline*',
  parseDOM: [1, 2, 3, 4, 5, 6].map((level) => ({
    tag: `h${level}`,
    getAttrs: (dom) => ({ level: Number(dom.dataset.level) || level }),
  })),
  toDOM: ({ attrs: { level } }) => [`h${Math.min(6, level + 1)}`, { 'data-level': level }, 0],
};
const link = {
  ...base.spec.marks.get('link'),
  toDOM: (mark) => ['a', { href: mark.attrs.href, title: mark.attrs.title, rel: 'noopener' }],
};
/* Another site's picture would tell it who is writing; its words stand for it. */
const image = {
  ...base.spec.nodes.get('image'),
  toDOM: ({ attrs }) => (/^\/(?!\/)/.test(attrs.src)
    ? ['img', { src: attrs.src, alt: attrs.alt || '', title: attrs.title }]
    : ['span', { class: 'rich__picture', 'data-src': attrs.src, 'data-alt': attrs.alt, title: attrs.src }, attrs.alt || attrs.src]),
  parseDOM: [
    { tag: 'span[data-src]', getAttrs: (dom) => ({ src: dom.dataset.src, alt: dom.dataset.alt || null, title: null }) },
    ...base.spec.nodes.get('image').parseDOM,
  ],
};
const { table, table_row, table_cell, table_header } = tables;

/* The order of marks is the order of nesting: what is bold may go on after a link that it begins with. */
export const schema = new Schema({
  nodes: base.spec.nodes
    .update('heading', heading)
    .update('image', image)
    .update('bullet_list', listed(base.spec.nodes.get('bullet_list'), 'ul'))
    .update('ordered_list', listed(base.spec.nodes.get('ordered_list'), 'ol'))
    .append({ table, table_row, table_cell, table_header }),
  marks: {
    em: { parseDOM: [{ tag: 'i' }, { tag: 'em' }], toDOM: () => ['em', 0] },
    strong: { parseDOM: [{ tag: 'b' }, { tag: 'strong' }], toDOM: () => ['strong', 0] },
    strike: { parseDOM: [{ tag: 's' }, { tag: 'del' }, { tag: 'strike' }], toDOM: () => ['s', 0] },
    link,
    code: base.spec.marks.get('code'),
  },
});

/* ---- Reading ---- */

const OTHER_SPACES = '\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000';
const SPACED_MARK = new RegExp(`^(?:#{1,6}|[-*+>]|[0-9]{1,9}[.)])(?=[${OTHER_SPACES}])`);
const OTHER_SPACE = new RegExp(`^[${OTHER_SPACES}]`);

/* As the server does it: another space after a mark of a heading, list or quotation is one. */
function spacedMark(state, line) {
  let start = state.bMarks[line] + state.tShift[line];
  if (start > 0 && state.src[start - 1] === '>' && OTHER_SPACE.test(state.src[start] || '')) {
    start += 1;
    state.bMarks[line] = start;
    state.tShift[line] = 0;
    state.sCount[line] = 0;
  }
  const found = SPACED_MARK.exec(state.src.slice(start, Math.min(state.eMarks[line], start + 12)));
  if (found && state.sCount[line] - state.blkIndent < 4) {
    const end = start + found[0].length;
    state.src = `${state.src.slice(0, end)} ${state.src.slice(end + 1)}`;
  }
  return false;
}

const reader = new MarkdownIt('commonmark', { html: false }).enable(['table', 'strikethrough']);
reader.block.ruler.before('blockquote', 'spaced_mark', spacedMark, {
  alt: ['paragraph', 'reference', 'blockquote', 'list'],
});

const isTight = (tokens, at) => {
  for (let each = at + 1; each < tokens.length; each += 1) {
    if (tokens[each].type !== 'list_item_open') return Boolean(tokens[each].hidden);
  }
  return true;
};
const aligns = (token) => ({ align: (/text-align:(\w+)/.exec(token.attrGet('style') || '') || [])[1] || null });
/* The words of a picture, without the marks that its alternative text cannot have. */
const words = (tokens) => (tokens || []).map((each) => (each.children ? words(each.children) : each.content || '')).join('');

const parser = new MarkdownParser(schema, reader, {
  ...defaultMarkdownParser.tokens,
  bullet_list: { block: 'bullet_list', getAttrs: (token, tokens, at) => ({ tight: isTight(tokens, at), mark: token.markup }) },
  ordered_list: {
    block: 'ordered_list',
    getAttrs: (token, tokens, at) => ({ order: Number(token.attrGet('start') ?? 1), tight: isTight(tokens, at), mark: token.markup }),
  },
  image: {
    node: 'image',
    getAttrs: (token) => ({ src: token.attrGet('src'), title: token.attrGet('title') || null, alt: words(token.children) || null }),
  },
  table: { block: 'table' },
  thead: { ignore: true },
  tbody: { ignore: true },
  tr: { block: 'table_row' },
  th: { block: 'table_header', getAttrs: aligns },
  td: { block: 'table_cell', getAttrs: aligns },
  s: { mark: 'strike' },
});

/* Lines of a text, and for each block of its document the lines [from, to) that it was read from.
   blocks: null where the two do not match, which no text is known to bring about. */
export function read(text) {
  const tokens = reader.parse(text, {});
  const lines = text.split('\n');
  const blocks = [];
  let depth = 0;
  tokens.forEach((token) => {
    if (depth === 0 && token.map && token.nesting >= 0) {
      let [from, to] = token.map;
      while (to > from && !lines[to - 1].trim()) to -= 1;
      blocks.push({ from, to });
    }
    depth += token.nesting;
  });
  const doc = parser.parse(text);
  return { doc, lines, blocks: doc.childCount === blocks.length ? blocks : null };
}

/* ---- Writing ---- */

const PUNCTUATION = /[\p{P}\p{S}]/u;
const LETTER = /[^\s\p{P}\p{S}]/u;
const DELIMITED = ['em', 'strong', 'strike'];
/* Begins a character that is written as a reference, so that `**` beside it counts; no text has it. */
const KEPT_APART = '\ufffe';

class Writer extends MarkdownSerializerState {
  /* Whether what is written next begins a line, after a hard break as well. */
  atLineStart() {
    return this.atBlockStart || this.out.endsWith(`\n${this.delim}`);
  }

  esc(text) {
    let out = text
      .replace(/[\\`*[\]]/g, '\\$&')
      .replace(/_/g, (sign, at, all) => (/[A-Za-z0-9]/.test(all[at - 1] || '') && /[A-Za-z0-9]/.test(all[at + 1] || '') ? sign : '\\_'))
      .replace(/~/g, (sign, at, all) => (all[at - 1] === '~' || all[at + 1] === '~' || at === 0 || at === all.length - 1 ? '\\~' : sign))
      .replace(/<(?=[A-Za-z])/g, '\\<')
      .replace(/&(?=#?\w+;)/g, '\\&');
    if (this.atLineStart()) out = escapeStart(out.replace(/^[ \t]+/, ''));
    return out.replace(new RegExp(`${KEPT_APART}(\\\\?)(.)`, 'gsu'), (_all, _slash, sign) => `&#${sign.codePointAt(0)};`);
  }

  /* Words have no line ends of their own (a reference such as `&#10;` may have brought one). */
  text(text, escape = true) {
    super.text(escape ? text.replace(/\n/g, ' ') : text, escape);
  }

  renderInline(parent, fromBlockStart = true) {
    super.renderInline(legible(parent, this), fromBlockStart);
  }
}

const AFTER_MARK = `(?=[ \t${OTHER_SPACES}]|$)`;
const HEADING_START = new RegExp(`^(#{1,6}${AFTER_MARK})`);
const ITEM_START = new RegExp(`^([-+]${AFTER_MARK})`);
const NUMBER_START = new RegExp(`^([0-9]{1,9})([.)]${AFTER_MARK})`);

/* A line of words that would begin a heading, list, quotation, rule, table or block of code. */
function escapeStart(text) {
  return text
    .replace(HEADING_START, '\\$1')
    .replace(ITEM_START, '\\$1')
    .replace(NUMBER_START, '$1\\$2')
    .replace(/^(>)/, '\\$1')
    .replace(/^([-=]+[ \t]*)$/, '\\$1')
    .replace(/^(-[-\s|:]*)$/, '\\$1')
    .replace(/^([|:][-\s|:]*)$/, '\\$1')
    .replace(/^(~{3})/, '\\$1');
}

/* Marks that are given up, in this order, where what they make is not what readers would see: a few
   mixtures that touch each other, such as a deletion between two words that are bold otherwise. */
const GIVEN_UP = [[], ['em'], ['strike'], ['em', 'strike'], DELIMITED];

/* Inline content that reads back as what it is. */
function legible(parent, state) {
  const has = parent.children.some((child) => delimiters(child).length);
  if (!has) return parent;
  const candidates = GIVEN_UP.map((names) => settled(without(parent, names)));
  return candidates.find((candidate, at) => {
    const writer = new Writer(state.nodes, state.marks, state.options);
    MarkdownSerializerState.prototype.renderInline.call(writer, candidate, true);
    return sight(parser.parse(writer.out).firstChild) === sight(without(parent, GIVEN_UP[at]));
  }) || candidates[candidates.length - 1];
}

function without(parent, names) {
  if (!names.length) return parent;
  const children = parent.children.map((child) => child.mark(child.marks.filter((mark) => !names.includes(mark.type.name))));
  return parent.copy(Fragment.from(children));
}

/* Letters with their marks, without spaces and ends of lines: what can be seen of a block. */
function sight(block) {
  if (!block) return '';
  return block.children.filter((child) => child.type !== schema.nodes.hard_break).map((child) => {
    const marked = child.marks.map((mark) => `${mark.type.name}${mark.attrs.href || ''}`).sort().join(' ');
    const letters = child.isText ? [...child.text.replace(/\s/gu, '')] : [child.type.name];
    return letters.map((letter) => `${letter}${marked}`).join('\n');
  }).filter(Boolean).join('\n');
}

/* Inline content as delimiters can hold it (CommonMark, left- and right-flanking runs): none begins
   or ends with a space, and a letter that one could not stand beside is marked, to be written as a
   reference. `**Note :**s` would show its stars. */
function settled(parent) {
  const children = unspaced(parent);
  let changed = children.length !== parent.childCount;
  for (let at = 1; at < children.length; at += 1) {
    const [before, after] = [children[at - 1], children[at]];
    const closes = delimiters(before).filter((mark) => !mark.isInSet(after.marks));
    const opens = delimiters(after).filter((mark) => !mark.isInSet(before.marks));
    const last = isWords(before) ? [...before.text].pop() : '';
    const first = isWords(after) ? [...after.text][0] : '';
    if (closes.length && LETTER.test(first) && endsInSign(before, [...(before.text || '')].pop(), closes)) {
      children[at] = after.withText(KEPT_APART + after.text);
      changed = true;
    }
    if (opens.length && LETTER.test(last) && endsInSign(after, [...(after.text || '')][0], opens)) {
      children[at - 1] = before.withText(before.text.slice(0, -last.length) + KEPT_APART + last);
      changed = true;
    }
  }
  return changed ? parent.copy(Fragment.fromArray(children)) : parent;
}

const delimiters = (node) => node.marks.filter((mark) => DELIMITED.includes(mark.type.name));
const isCode = (node) => Boolean(schema.marks.code.isInSet(node.marks));
const isWords = (node) => node.isText && !isCode(node);
const endsInSign = (node, sign, marks_) => marks_.length > 1 || !isWords(node)
  || Boolean(schema.marks.link.isInSet(node.marks)) || PUNCTUATION.test(sign);

/* The children of a block, spaces at the edges of what is marked without that mark. */
function unspaced(parent) {
  const pieces = [];
  parent.forEach((child) => {
    if (!isWords(child) || !delimiters(child).length) return pieces.push(child);
    return child.text.split(/^(\s+)|(\s+)$/u).filter(Boolean).forEach((part) => pieces.push(child.withText(part)));
  });
  const isSpace = (node) => node.isText && !isCode(node) && !node.text.trim();
  const beside = (at, step) => {
    let each = at;
    while (pieces[each] && isSpace(pieces[each])) each += step;
    return pieces[each];
  };
  return pieces.map((piece, at) => {
    if (!isSpace(piece)) return piece;
    const [before, after] = [beside(at, -1), beside(at, 1)];
    return piece.mark(piece.marks.filter((mark) => !DELIMITED.includes(mark.type.name)
      || (before && after && mark.isInSet(before.marks) && mark.isInSet(after.marks))));
  });
}

const OTHER_BULLET = { '-': '*', '*': '-', '+': '-' };
const OTHER_NUMBER = { '.': ')', ')': '.' };

/* The sign of a list, another than that of a list of its kind right above it: they would be one. */
function signOf(node, above, others, first) {
  const sign = node.attrs.mark || first;
  return above && above.type === node.type && above.sign === sign ? others[sign] : sign;
}

function cell(state, node) {
  const inner = new Writer(state.nodes, state.marks, state.options);
  inner.renderInline(node, false);
  return inner.out.replace(/\\?\n/g, ' ').replace(/\|/g, '\\|').trim();
}

const RULE = { left: ':---', right: '---:', center: ':---:' };

const destination = (href) => href.replace(/[\\()<>"]/g, '\\$&').replace(/&(?=#?\w+;)/g, '\\&').replace(/[\s]/g, encodeURIComponent);
const title = (text) => (text ? ` "${text.replace(/[\\"]/g, '\\$&').replace(/&(?=#?\w+;)/g, '\\&')}"` : '');
const isAutolink = (mark, parent, at) => {
  const child = parent.child(at);
  return !mark.attrs.title && /^[a-z][a-z0-9+.-]+:[^\s<>\\]*$/i.test(mark.attrs.href)
    && child.isText && child.text === mark.attrs.href && child.marks.length === 1
    && !(at + 1 < parent.childCount && mark.isInSet(parent.child(at + 1).marks));
};

const isBlank = (node) => node.children.every((each) => (each.isText ? !each.text.trim() : each.type === schema.nodes.hard_break));

const nodes = {
  ...defaultMarkdownSerializer.nodes,
  code_block(state, node) {
    const longest = Math.max(2, ...(node.textContent.match(/`{3,}/g) || []).map((run) => run.length));
    const fence = '`'.repeat(longest + 1);
    state.write(`${fence}${(node.attrs.params || '').replace(/`/g, '')}\n`);
    state.text(node.textContent, false);
    state.ensureNewLine();
    state.write(fence);
    state.closeBlock(node);
  },
  /* Emptiness is nothing to readers, and an item of a list cannot begin with it. */
  paragraph(state, node) {
    if (isBlank(node)) return;
    state.renderInline(node);
    state.closeBlock(node);
  },
  heading(state, node) {
    state.write(`${'#'.repeat(node.attrs.level)} `);
    const from = state.out.length;
    state.renderInline(node, false);
    const line = state.out.slice(from).replace(/\\?\n\s*/g, ' ').trim().replace(/(^|\s)(#+)$/, '$1\\$2');
    state.out = state.out.slice(0, from) + line;
    state.closeBlock(node);
  },
  bullet_list(state, node, parent, at) {
    const sign = signOf(node, above(state, parent, at), OTHER_BULLET, '-');
    remember(state, node, sign);
    state.renderList(node, '  ', () => `${sign} `);
  },
  ordered_list(state, node, parent, at) {
    const sign = signOf(node, above(state, parent, at), OTHER_NUMBER, '.');
    remember(state, node, sign);
    const start = node.attrs.order ?? 1;
    if (start !== 1) state.flushClose(2); // another number cannot interrupt a paragraph
    const width = String(start + node.childCount - 1).length + 2;
    state.renderList(node, ' '.repeat(width), (item) => `${start + item}${sign} `.padEnd(width));
  },
  horizontal_rule(state, node) {
    state.write('***');
    state.closeBlock(node);
  },
  image(state, node) {
    state.write(`![${state.esc(node.attrs.alt || '')}](${destination(node.attrs.src)}${title(node.attrs.title)})`);
  },
  table(state, node) {
    state.flushClose(2);
    const columns = Math.max(...node.children.map((row) => row.children.reduce((sum, each) => sum + each.attrs.colspan, 0)));
    node.forEach((row, _offset, at) => {
      const cells = [];
      row.forEach((each) => {
        cells.push(cell(state, each), ...Array(each.attrs.colspan - 1).fill(''));
      });
      while (cells.length < columns) cells.push('');
      state.ensureNewLine();
      state.write(`| ${cells.join(' | ')} |`);
      if (at === 0) {
        const rules = Array.from({ length: columns }, (_each, column) => RULE[row.maybeChild(column)?.attrs.align] || '---');
        state.ensureNewLine();
        state.write(`| ${rules.join(' | ')} |`);
      }
    });
    state.closeBlock(node);
  },
};

/* The list right above, of those that this state wrote or that it was told of. */
function above(state, parent, at) {
  if (at > 0) return state.signs?.get(parent.child(at - 1));
  return parent.type === schema.topNodeType ? state.options.above : null;
}

function remember(state, node, sign) {
  state.signs = state.signs || new Map();
  state.signs.set(node, { type: node.type, sign });
}

const { marks: plain } = defaultMarkdownSerializer;
/* `*` of what is emphasised and `**` of what stands beside it would be one run. */
function emphasis(state, mark, parent, at) {
  const has = (each) => each && mark.isInSet(each.marks);
  let [from, to] = [at, at];
  if (!has(parent.maybeChild(at))) from = to = at - 1;
  while (from > 0 && has(parent.child(from - 1))) from -= 1;
  while (to + 1 < parent.childCount && has(parent.child(to + 1))) to += 1;
  const before = parent.maybeChild(from - 1);
  const after = parent.maybeChild(to + 1);
  const isStrong = (node) => Boolean(node && schema.marks.strong.isInSet(node.marks));
  const meets = (outer, inner) => outer && isStrong(outer) !== isStrong(inner);
  const letters = /[^\s\p{P}\p{S}]/u;
  const inWord = letters.test([...(before?.text || '')].pop() || '') && !isStrong(before)
    || letters.test([...(after?.text || '')][0] || '') && !isStrong(after);
  return !inWord && (meets(before, parent.child(from)) || meets(after, parent.child(to))) ? '_' : '*';
}

const marks = {
  ...plain,
  em: { open: emphasis, close: emphasis, mixable: true, expelEnclosingWhitespace: true },
  strike: { open: '~~', close: '~~', mixable: true, expelEnclosingWhitespace: true },
  link: {
    open(state, mark, parent, at) {
      state.inAutolink = isAutolink(mark, parent, at);
      return state.inAutolink ? '<' : '[';
    },
    close(state, mark) {
      const { inAutolink } = state;
      state.inAutolink = undefined;
      return inAutolink ? '>' : `](${destination(mark.attrs.href)}${title(mark.attrs.title)})`;
    },
    mixable: true,
  },
};

/* One block as Markdown. above: {type, sign} of a list right above it, or null. */
export function write(block, above_ = null) {
  const state = new Writer(nodes, marks, { hardBreakNodeName: 'hard_break', above: above_ });
  state.renderContent(schema.topNodeType.create(null, block));
  return state.out;
}
