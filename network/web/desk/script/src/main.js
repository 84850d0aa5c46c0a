/* The rich-text editor of the desk. It enhances <textarea data-rich> in forms with data-rich-words
   (words of the interface, JSON); the text area goes on holding the Markdown that is sent. */
import { baseKeymap, chainCommands, exitCode } from 'prosemirror-commands';
import { gapCursor } from 'prosemirror-gapcursor';
import { history } from 'prosemirror-history';
import { undoInputRule } from 'prosemirror-inputrules';
import { keymap } from 'prosemirror-keymap';
import { Fragment, Slice } from 'prosemirror-model';
import { splitListItem } from 'prosemirror-schema-list';
import { EditorState, Plugin } from 'prosemirror-state';
import { goToNextCell, isInTable, tableEditing } from 'prosemirror-tables';
import { EditorView } from 'prosemirror-view';
import { clean } from './clean.js';
import { schema } from './markdown.js';
import { Source } from './source.js';
import { makeToolbar, shortcuts } from './toolbar.js';
import { typing } from './typography.js';

const { marks, nodes } = schema;
const PAUSE = 400; // milliseconds without a key after which the text area follows

const kept = (key, value) => {
  try {
    if (value !== undefined) localStorage.setItem(key, value);
    return localStorage.getItem(key);
  } catch (error) {
    return value ?? null;
  }
};

/* Bare addresses in what is pasted become links. */
function linked(slice) {
  const each = (fragment) => {
    const children = [];
    fragment.forEach((node) => {
      const isPlain = node.isText && !marks.link.isInSet(node.marks) && !marks.code.isInSet(node.marks);
      if (!isPlain) return children.push(node.isText ? node : node.copy(node.type.spec.code ? node.content : each(node.content)));
      let at = 0;
      for (const found of node.text.matchAll(/https?:\/\/[^\s<>"«»]*[^\s<>"«».,;:!?)]/g)) {
        if (found.index > at) children.push(node.withText(node.text.slice(at, found.index)));
        children.push(node.withText(found[0]).mark(marks.link.create({ href: found[0] }).addToSet(node.marks)));
        at = found.index + found[0].length;
      }
      return at < node.text.length && children.push(at ? node.withText(node.text.slice(at)) : node);
    });
    return Fragment.fromArray(children);
  };
  return new Slice(each(slice.content), slice.openStart, slice.openEnd);
}

const hardBreak = (state, dispatch) => {
  if (isInTable(state)) return true; // a cell is one line
  if (dispatch) dispatch(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
  return true;
};
/* Enter in a cell goes to the next one, as in a spreadsheet, instead of splitting what cannot be. */
const enterInTable = (state, dispatch, view) => isInTable(state) && (goToNextCell(1)(state, dispatch, view) || true);

class RichText {
  constructor(area, words) {
    this.area = area;
    this.words = words;
    this.source = new Source(area.value);
    this.label = document.querySelector(`label[for="${area.id}"]`);
    this.box = document.createElement('div');
    this.box.className = 'rich';
    this.box.rich = this;
    this.box.lang = document.documentElement.lang;
    this.place = document.createElement('div');
    this.place.lang = area.lang;
    this.view = new EditorView(this.place, {
      state: this.state(),
      attributes: this.attributes(),
      transformPastedHTML: clean,
      transformPasted: linked,
      handlePaste: (view, event) => this.pasteAddress(view, event),
      dispatchTransaction: (transaction) => this.apply(transaction),
    });
    this.toolbar = makeToolbar(this.view, words, this.label.textContent.trim());
    this.box.append(this.toolbar.bar, this.place);
    area.before(this.box);
    this.label.addEventListener('click', (event) => {
      if (this.isPlain) return;
      event.preventDefault();
      this.view.focus();
    });
    area.addEventListener('rich:read', () => this.read());
    area.form.addEventListener('formdata', ({ formData }) => { if (!this.isPlain) formData.set(area.name, this.text()); });
    this.show();
  }

  attributes() {
    const { area, label } = this;
    label.id = label.id || `${area.id}-label`;
    const described = area.getAttribute('aria-describedby');
    return {
      id: `${area.id}-rich`,
      class: 'rich__text prose',
      role: 'textbox',
      'aria-multiline': 'true',
      'aria-labelledby': label.id,
      ...(described && { 'aria-describedby': described }),
      ...(area.getAttribute('aria-invalid') && { 'aria-invalid': 'true' }),
    };
  }

  state() {
    return EditorState.create({
      doc: this.source.doc,
      plugins: [
        typing(this.area.lang, typographyIsOn),
        keymap({
          ...shortcuts(this.words),
          Backspace: undoInputRule,
          Enter: chainCommands(enterInTable, splitListItem(nodes.list_item)),
          Tab: goToNextCell(1),
          'Shift-Tab': goToNextCell(-1),
          'Shift-Enter': chainCommands(exitCode, hardBreak),
          'Alt-F10': () => { this.toolbar.focus(); return true; },
        }),
        keymap(baseKeymap),
        history(),
        gapCursor(),
        tableEditing(),
        new Plugin({ view: () => ({ update: () => this.toolbar?.update() }) }),
      ],
    });
  }

  apply(transaction) {
    this.view.updateState(this.view.state.apply(transaction));
    if (!transaction.docChanged) return;
    this.fresh = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.follow(), PAUSE);
    this.area.dispatchEvent(new CustomEvent('rich:change', { bubbles: true }));
  }

  /* The Markdown of what is written now. */
  text() {
    this.fresh = this.fresh ?? this.source.write(this.view.state.doc);
    return this.fresh;
  }

  follow() {
    clearTimeout(this.timer);
    const text = this.text();
    if (text === this.area.value) return;
    this.area.value = text;
    this.area.dispatchEvent(new Event('input', { bubbles: true }));
  }

  /* Take what the text area holds. */
  read() {
    this.source = new Source(this.area.value);
    this.fresh = null;
    this.view.updateState(this.state());
    this.toolbar.update();
  }

  pasteAddress(view, event) {
    const text = event.clipboardData?.getData('text/plain').trim() || '';
    const { empty, from, to } = view.state.selection;
    if (empty || !/^(https?:\/\/|mailto:)\S+$/i.test(text)) return false;
    view.dispatch(view.state.tr.addMark(from, to, marks.link.create({ href: text })));
    return true;
  }

  show() {
    const wanted = plainIsOn();
    if (wanted && !this.isPlain) this.follow();
    if (!wanted && this.isPlain && this.area.value !== this.text()) this.read();
    this.isPlain = wanted;
    this.area.hidden = !wanted;
    this.box.hidden = wanted;
  }
}

const plainIsOn = () => kept('rich-plain') === 'yes';
const typographyIsOn = () => kept('rich-typography') !== 'no';

/* A choice of this browser, for all texts of the form. */
function choice(word, isOn, change) {
  const row = document.createElement('div');
  const box = document.createElement('input');
  const label = document.createElement('label');
  row.className = 'choice';
  box.type = 'checkbox';
  box.id = `rich-${change.name}`;
  box.checked = isOn;
  label.htmlFor = box.id;
  label.textContent = word;
  box.addEventListener('change', () => change(box.checked));
  row.append(box, label);
  return row;
}

function setPlain(wanted) {
  kept('rich-plain', wanted ? 'yes' : 'no');
  editors.forEach((each) => each.show());
  document.querySelectorAll('[data-plain-only]').forEach((each) => { each.hidden = !wanted; });
}
const setTypography = (wanted) => kept('rich-typography', wanted ? 'yes' : 'no');

const editors = [];
document.querySelectorAll('form[data-rich-words]').forEach((form) => {
  const words = JSON.parse(form.dataset.richWords);
  form.querySelectorAll('textarea[data-rich]').forEach((area) => {
    try {
      editors.push(new RichText(area, words));
    } catch (error) {
      console.error(error); // the text area stays, and everything works without the editor
    }
  });
  const choices = form.querySelector('[data-rich-choices]');
  if (!choices || !editors.length) return;
  if (editors.some(({ area }) => area.lang.startsWith('fr'))) choices.append(choice(words.typography, typographyIsOn(), setTypography));
  choices.append(choice(words.markdown, plainIsOn(), setPlain));
  choices.hidden = false;
  setPlain(plainIsOn());
});

/* Links of the page that lead to a field (the error summary, above all) lead to its text. */
document.addEventListener('click', (event) => {
  const id = event.target.closest?.('a[href^="#"]')?.hash.slice(1);
  const editor = id && editors.find(({ area, isPlain }) => area.id === decodeURIComponent(id) && !isPlain);
  if (!editor) return;
  event.preventDefault();
  editor.box.scrollIntoView({ block: 'center' });
  editor.view.focus();
});
