/* The toolbar of a text (ARIA Authoring Practices, toolbar): words, one stop for the Tab key. */
import { lift, setBlockType, toggleMark, wrapIn } from 'prosemirror-commands';
import { redo, undo } from 'prosemirror-history';
import { liftListItem, sinkListItem, wrapInList } from 'prosemirror-schema-list';
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, isInTable } from 'prosemirror-tables';
import { TextSelection } from 'prosemirror-state';
import { askForLink } from './links.js';
import { schema } from './markdown.js';

const { marks, nodes } = schema;
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

const ancestor = (state, type) => {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    if ($from.node(depth).type === type) return $from.node(depth);
  }
  return null;
};
const hasMark = (type) => (state) => {
  const { from, to, empty, $from } = state.selection;
  return empty ? Boolean(type.isInSet(state.storedMarks || $from.marks())) : state.doc.rangeHasMark(from, to, type);
};
const isHeading = (level) => (state) => {
  const { parent } = state.selection.$from;
  return parent.type === nodes.heading && parent.attrs.level === level;
};
const heading = (level) => (state, dispatch) => (isHeading(level)(state)
  ? setBlockType(nodes.paragraph)(state, dispatch)
  : setBlockType(nodes.heading, { level })(state, dispatch));

/* In a list of this kind the button leaves it; in one of the other kind, changes it. */
const list = (type) => (state, dispatch) => {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const node = $from.node(depth);
    if (node.type === type) return liftListItem(nodes.list_item)(state, dispatch);
    if (node.type === nodes.bullet_list || node.type === nodes.ordered_list) {
      if (dispatch) dispatch(state.tr.setNodeMarkup($from.before(depth), type, { tight: node.attrs.tight, mark: null }));
      return true;
    }
  }
  return wrapInList(type)(state, dispatch);
};
const quote = (state, dispatch) => (ancestor(state, nodes.blockquote) ? lift(state, dispatch) : wrapIn(nodes.blockquote)(state, dispatch));

const table = (state, dispatch) => {
  const { $from } = state.selection;
  if (isInTable(state) || $from.depth < 1 || $from.parent.type.spec.code) return false;
  const row = (type) => nodes.table_row.create(null, [0, 1, 2].map(() => type.createAndFill()));
  const made = nodes.table.create(null, [row(nodes.table_header), row(nodes.table_cell), row(nodes.table_cell)]);
  if (dispatch) {
    const at = $from.after($from.depth);
    const tr = state.tr.insert(at, made);
    dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(at + 1))).scrollIntoView());
  }
  return true;
};

/* name: of the word on it. keys: its shortcut. on: whether what it does is so already. */
const BUTTONS = [
  { name: 'bold', keys: 'Mod-b', run: toggleMark(marks.strong), on: hasMark(marks.strong) },
  { name: 'italic', keys: 'Mod-i', run: toggleMark(marks.em), on: hasMark(marks.em) },
  { name: 'heading', keys: 'Mod-Alt-2', run: heading(2), on: isHeading(2) },
  { name: 'subheading', keys: 'Mod-Alt-3', run: heading(3), on: isHeading(3) },
  { name: 'bullets', keys: 'Mod-Shift-8', run: list(nodes.bullet_list), on: (state) => Boolean(ancestor(state, nodes.bullet_list)) },
  { name: 'numbers', keys: 'Mod-Shift-7', run: list(nodes.ordered_list), on: (state) => Boolean(ancestor(state, nodes.ordered_list)) },
  { name: 'quote', keys: 'Mod-Shift-9', run: quote, on: (state) => Boolean(ancestor(state, nodes.blockquote)) },
  { name: 'link', keys: 'Mod-k', run: null, on: hasMark(marks.link) },
  { name: 'table', keys: null, run: table },
  { name: 'undo', keys: 'Mod-z', run: undo },
  { name: 'redo', keys: 'Mod-Shift-z', run: redo },
];
const IN_TABLE = [
  { name: 'addRow', run: addRowAfter },
  { name: 'addColumn', run: addColumnAfter },
  { name: 'deleteRow', run: deleteRow },
  { name: 'deleteColumn', run: deleteColumn },
  { name: 'deleteTable', run: deleteTable },
];

/* Shortcuts of the buttons, for a keymap. Indenting has no button: Tab belongs to the page. */
export function shortcuts(words) {
  const keys = Object.fromEntries(BUTTONS.filter(({ keys: each, run }) => each && run).map(({ keys: each, run }) => [each, run]));
  return {
    ...keys,
    'Mod-y': redo,
    'Mod-]': sinkListItem(nodes.list_item),
    'Mod-[': liftListItem(nodes.list_item),
    'Mod-k': (_state, _dispatch, view) => askForLink(view, words),
  };
}

const spoken = (keys) => keys.replace('Mod', isMac ? 'Meta' : 'Control').replace(/-/g, '+').replace(/\+([a-z])$/, (_all, key) => `+${key.toUpperCase()}`);
const written = (keys, words) => keys.replace('Mod', isMac ? '⌘' : words.control).replace('Shift', words.shift).replace('Alt', isMac ? '⌥' : 'Alt')
  .replace(/-([a-z])$/, (_all, key) => `-${key.toUpperCase()}`).replace(/-/g, ' + ');

/* label: what the text is called. */
export function makeToolbar(view, words, label) {
  const bar = document.createElement('div');
  bar.className = 'rich__bar';
  bar.setAttribute('role', 'toolbar');
  bar.setAttribute('aria-label', `${words.toolbar} – ${label}`);
  bar.setAttribute('aria-controls', view.dom.id);
  const make = ({ name, keys, run, on }, group) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'rich__button';
    button.dataset.name = name;
    button.textContent = words[name];
    button.tabIndex = -1;
    if (keys) {
      button.title = `${words[name]} (${written(keys, words)})`;
      button.setAttribute('aria-keyshortcuts', spoken(keys));
    }
    button.addEventListener('mousedown', (event) => event.preventDefault());
    button.addEventListener('click', () => {
      if (name === 'link') askForLink(view, words);
      else {
        run(view.state, view.dispatch, view);
        if (!bar.contains(document.activeElement)) view.focus();
      }
    });
    group.append(button);
    return { button, run, on, name };
  };
  const group = (name) => {
    const each = document.createElement('div');
    each.className = `rich__group rich__group--${name}`;
    bar.append(each);
    return each;
  };
  const [first, second] = [group('text'), group('table')];
  const made = [...BUTTONS.map((each) => make(each, first)), ...IN_TABLE.map((each) => make(each, second))];

  const shown = () => made.map(({ button }) => button).filter((button) => button.offsetParent !== null);
  const stop = (button) => {
    made.forEach((each) => { each.button.tabIndex = each.button === button ? 0 : -1; });
  };
  stop(made[0].button);
  bar.addEventListener('focusin', (event) => { if (event.target.closest('button')) stop(event.target); });
  bar.addEventListener('keydown', (event) => {
    const buttons = shown();
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (event.key === 'Escape') view.focus();
    if (to === undefined) return;
    event.preventDefault();
    buttons[(to + buttons.length) % buttons.length].focus();
  });

  const update = () => {
    const { state } = view;
    second.hidden = !isInTable(state);
    made.forEach(({ button, run, on, name }) => {
      if (on) button.setAttribute('aria-pressed', String(on(state)));
      if (name === 'undo' || name === 'redo') button.setAttribute('aria-disabled', String(!run(state)));
    });
    if (!shown().some((button) => button.tabIndex === 0)) stop(made[0].button);
  };
  update();
  return { bar, update, focus: () => (shown().find((button) => button.tabIndex === 0) || made[0].button).focus() };
}
