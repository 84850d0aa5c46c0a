/* Asking for the address of a link, in a dialog of the page. */
import { TextSelection } from 'prosemirror-state';
import { schema } from './markdown.js';

const { link } = schema.marks;

/* What somebody typed as the address of a page or mailbox, or null. */
export function addressOf(typed) {
  const text = typed.trim();
  if (/^[^\s@:/]+@[^\s@/]+\.[^\s@/]+$/.test(text)) return `mailto:${text}`;
  const whole = /^(https?:|mailto:)/i.test(text) ? text : `https://${text.replace(/^\/\//, '')}`;
  try {
    const found = new URL(whole);
    const isPage = /^https?:$/.test(found.protocol) && /[^.]\.[^.]/.test(found.hostname) && !found.username;
    if (isPage || (found.protocol === 'mailto:' && found.pathname.includes('@'))) return found.href.replace(/\/$/, whole.endsWith('/') ? '/' : '');
  } catch (error) {
    return null;
  }
  return null;
}

/* The link at the cursor: {from, to, href}, or null. */
function around(state) {
  const { $from, empty, from, to } = state.selection;
  const mark = [$from.marks(), $from.nodeAfter?.marks, $from.nodeBefore?.marks].map((marks) => link.isInSet(marks || [])).find(Boolean);
  if (!mark) return null;
  let [start, end] = [from, to];
  $from.parent.forEach((child, offset) => {
    const at = $from.start() + offset;
    if (mark.isInSet(child.marks) && at <= from && at + child.nodeSize >= (empty ? from : to)) {
      start = Math.min(start, at);
      end = Math.max(end, at + child.nodeSize);
    }
  });
  return { from: start, to: end, href: mark.attrs.href };
}

function field(words, name, value) {
  const label = document.createElement('label');
  const input = document.createElement('input');
  input.className = 'input';
  input.id = `rich-link-${name}`;
  input.value = value;
  input.autocomplete = 'off';
  label.htmlFor = input.id;
  label.textContent = words[name];
  return { label, input };
}

export function askForLink(view, words) {
  const { state } = view;
  const found = around(state);
  const { from, to } = found || state.selection;
  const text = state.doc.textBetween(from, to, ' ');
  const dialog = document.createElement('dialog');
  dialog.className = 'rich-dialog';
  const form = document.createElement('form');
  form.method = 'dialog';
  form.noValidate = true;
  const title = document.createElement('h2');
  title.id = 'rich-link-title';
  title.className = 'h-small';
  title.textContent = words.link;
  dialog.setAttribute('aria-labelledby', title.id);
  const address = field(words, 'address', found ? found.href : '');
  const shown = field(words, 'words', text);
  address.input.inputMode = 'url';
  address.input.spellcheck = false;
  const error = document.createElement('span');
  error.className = 'error';
  error.id = 'rich-link-error';
  error.setAttribute('role', 'alert');
  const buttons = document.createElement('div');
  buttons.className = 'buttons';
  const button = (word, quiet) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = quiet ? 'button button--quiet' : 'button';
    made.textContent = word;
    buttons.append(made);
    return made;
  };
  const save = button(words.insert);
  save.type = 'submit';
  const remove = found && button(words.unlink, true);
  const cancel = button(words.cancel, true);
  form.append(title, address.label, error, address.input, shown.label, shown.input, buttons);
  dialog.append(form);
  document.body.append(dialog);

  const close = () => {
    dialog.close();
    dialog.remove();
    view.focus();
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const href = addressOf(address.input.value);
    if (!href) {
      error.textContent = words.badAddress;
      address.input.setAttribute('aria-invalid', 'true');
      address.input.setAttribute('aria-describedby', error.id);
      address.input.focus();
      return;
    }
    const said = shown.input.value.trim() || text || address.input.value.trim();
    const { tr } = view.state;
    if (said === text) tr.removeMark(from, to, link).addMark(from, to, link.create({ href }));
    else {
      const marks = view.state.selection.$from.marks().filter((mark) => mark.type !== link);
      tr.replaceWith(from, to, schema.text(said, [...marks, link.create({ href })]));
    }
    const end = from + (said === text ? to - from : said.length);
    view.dispatch(tr.setSelection(TextSelection.create(tr.doc, end)).removeStoredMark(link).scrollIntoView());
    close();
  });
  cancel.addEventListener('click', close);
  dialog.addEventListener('cancel', (event) => { event.preventDefault(); close(); });
  if (remove) {
    remove.addEventListener('click', () => {
      view.dispatch(view.state.tr.removeMark(from, to, link));
      close();
    });
  }
  dialog.showModal();
  address.input.focus();
  address.input.select();
  return true;
}
