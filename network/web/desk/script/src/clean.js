/* What programs put on the clipboard (Word, Outlook, LibreOffice, Google Docs, spreadsheets, pages)
   as plain HTML: structure stays, dress goes. Nothing of it is ever put into the page unread. */

const BOLD = /font-weight\s*:\s*(bold|bolder|[6-9]00)/i;
const LIGHT = /font-weight\s*:\s*(normal|[1-5]00)/i;
const ITALIC = /font-style\s*:\s*(italic|oblique)/i;
const STRUCK = /text-decoration[^;]*:\s*[^;]*line-through/i;
const KEPT = /^(href|src|alt|title|start|colspan|rowspan|data-level)$/;
const DROPPED = 'meta, title, link, xml, colgroup, col, caption, nav, button, input, select, textarea, [hidden], [aria-hidden="true"]';
const ACTIVE = 'style|script|link|iframe|object|embed|svg';

/* The policy of the page forbids styles, and browsers then leave `element.style` empty although the
   attribute stays: it is renamed before parsing, as is whatever would load or run something. */
const inert = (html) => html
  .replace(/<(style|script)\b[\s\S]*?<\/\1\s*>/gi, '')
  .replace(/<!--\[if[\s\S]*?<!\[endif\]-->/gi, '')
  .replace(/<[a-z][^>]*>/gi, (tag) => tag
    .replace(/\s(style|on\w+|srcset|src|background)\s*=/gi, ' data-$1=')
    .replace(new RegExp(`^<(${ACTIVE})\\b`, 'i'), '<x-drop-$1'))
  .replace(new RegExp(`</(${ACTIVE})\\b`, 'gi'), '</x-drop-$1');

const style = (element) => (element.getAttribute('data-style') || '').replace(/\s+/g, ' ');
const unwrap = (element) => element.replaceWith(...element.childNodes);
const drop = (element) => element.remove();
const isBlank = (node) => node.nodeType === Node.TEXT_NODE && !node.textContent.trim();

/* HTML of a clipboard as HTML that a document of the editor can be read from. */
export function clean(html) {
  const page = new DOMParser().parseFromString(inert(html), 'text/html');
  const { body } = page;
  const all = (selector) => [...body.querySelectorAll(selector)];
  const rename = (element, name) => {
    const other = page.createElement(name);
    other.append(...element.childNodes);
    element.replaceWith(other);
    return other;
  };
  const wrapInside = (element, name) => {
    const inner = page.createElement(name);
    inner.append(...element.childNodes);
    element.append(inner);
    return inner;
  };

  dropComments(page, body);
  all(DROPPED).forEach(drop);
  all('*').filter((element) => /^x-drop/i.test(element.localName)).forEach(drop);
  rememberMarks(all);
  all('*').filter((element) => element.localName.includes(':')).forEach(unwrap);
  all('p[role=heading], div[role=heading]').forEach((element) => {
    const level = Math.min(6, Math.max(1, Number(element.getAttribute('aria-level')) || 2));
    rename(element, `h${level}`);
  });
  dress(all, wrapInside);
  links(all);
  pictures(all);
  wordLists(all, page);
  all('ul, ol').forEach((list) => {
    const level = list.querySelector(':scope > li')?.getAttribute('data-aria-level');
    if (level && !list.dataset.level && !list.parentElement.closest('ul, ol')) list.dataset.level = level;
  });
  all('div').filter((each) => each.querySelector('ul, ol') || !each.textContent.trim() && !each.children.length).forEach(unwrap);
  nestLists(all);
  cells(all, rename);
  headings(all);
  all('li > p:only-child, li > p:first-child').forEach(unwrap);
  all('*').forEach((element) => [...element.attributes].forEach(({ name }) => {
    if (!KEPT.test(name)) element.removeAttribute(name);
  }));
  all('p, li, h1, h2, h3, h4, h5, h6').forEach((element) => {
    let last = element;
    while (last.lastChild) last = last.lastChild;
    if (last.nodeType === Node.TEXT_NODE) last.textContent = last.textContent.replace(/[\s\u00a0]+$/, '');
  });
  all('span, font').forEach(unwrap);
  all('p').filter((element) => !element.textContent.trim() && !element.querySelector('img')).forEach(drop);
  all('b > br:only-child').forEach(drop);
  [...body.children].filter((element) => element.localName === 'br').forEach(drop);
  return body.innerHTML;
}

function dropComments(page, body) {
  const walker = page.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  found.forEach(drop);
}

/* Word writes the signs of lists as text that it ignores itself; whether they are numbers is all
   that says whether a list is numbered. */
function rememberMarks(all) {
  all('*').filter((element) => /mso-list\s*:\s*ignore/i.test(style(element))).forEach((element) => {
    const block = element.closest('p, li, h1, h2, h3, h4, h5, h6');
    if (block && !block.dataset.mark) block.dataset.mark = element.textContent.trim();
    drop(element);
  });
}

/* Weight, slant and deletion that are said by styles become elements; those that styles deny go. */
function dress(all, wrapInside) {
  all('b, strong').filter((element) => LIGHT.test(style(element))).forEach(unwrap);
  all('span, font').forEach((element) => {
    if (!element.textContent.trim() || element.closest('h1, h2, h3, h4, h5, h6')) return;
    const said = style(element);
    let inner = element;
    if (BOLD.test(said)) inner = wrapInside(inner, 'strong');
    if (ITALIC.test(said)) inner = wrapInside(inner, 'em');
    if (STRUCK.test(said)) wrapInside(inner, 's');
  });
  all('td, th').filter((cell) => BOLD.test(style(cell)) && !cell.querySelector('b, strong')).forEach((cell) => wrapInside(cell, 'strong'));
  all('h1, h2, h3, h4, h5, h6').forEach((element) => element.querySelectorAll('b, strong').forEach(unwrap));
}

/* Outlook keeps the real address of a link that a filter of its own stands in front of. */
function links(all) {
  all('a').forEach((link) => {
    const original = link.getAttribute('originalsrc');
    if (original) link.setAttribute('href', original);
    if (!/^(https?:|mailto:)/i.test(link.getAttribute('href') || '') || !link.textContent.trim()) unwrap(link);
  });
}

/* A picture of another site or of somebody's disk cannot be taken over: its words stay. */
function pictures(all) {
  all('img').forEach((picture) => {
    const alt = (picture.getAttribute('alt') || '').trim();
    if (Number(picture.getAttribute('width')) === 1 || !alt) drop(picture);
    else picture.replaceWith(`[${alt}]`);
  });
}

/* Paragraphs that Word calls items become lists of one, with their level. */
function wordLists(all, page) {
  all('p').forEach((paragraph) => {
    const found = /mso-list\s*:\s*(l\d+) level(\d)/i.exec(style(paragraph));
    if (!found) return;
    const mark = paragraph.dataset.mark || '';
    const isNumbered = /^\(?(\d+|[a-z]|[ivxl]+)[.)]/i.test(mark);
    const list = page.createElement(isNumbered ? 'ol' : 'ul');
    const item = page.createElement('li');
    item.append(...paragraph.childNodes);
    list.append(item);
    [, , list.dataset.level] = found;
    paragraph.replaceWith(list);
  });
}

/* Lists with a level that follow each other become one, the deeper ones within. */
function nestLists(all) {
  all('ul[data-level], ol[data-level]').forEach((list) => {
    let previous = list.previousSibling;
    while (previous && isBlank(previous)) {
      const before = previous.previousSibling;
      previous.remove();
      previous = before;
    }
    if (!previous || !/^(ul|ol)$/i.test(previous.nodeName)) return;
    let host = previous;
    for (let level = Number(previous.dataset.level || 1); level < Number(list.dataset.level); level += 1) {
      const last = host.lastElementChild;
      const inner = last && last.querySelector(':scope > ul, :scope > ol');
      if (!inner) {
        if (last) last.append(list);
        return;
      }
      host = inner;
    }
    if (host.localName !== list.localName) return;
    host.append(...list.childNodes);
    list.remove();
  });
  all('ul > ul, ul > ol, ol > ul, ol > ol').forEach((list) => {
    const item = list.previousElementSibling;
    if (item && item.localName === 'li') item.append(list);
  });
}

/* Cells hold a line of words; the first row is the heading, as tables of Markdown have it. */
function cells(all, rename) {
  all('td, th').forEach((cell) => cell.querySelectorAll('p, div').forEach((block) => {
    if (block.nextElementSibling) block.append(' ');
    unwrap(block);
  }));
  all('table').forEach((table) => {
    const row = table.querySelector('tr');
    if (row && !row.querySelector('th')) row.querySelectorAll('td').forEach((cell) => rename(cell, 'th'));
    table.querySelectorAll('th b, th strong').forEach(unwrap);
  });
}

/* The highest heading that was pasted is a heading of the second level, the others below it. */
function headings(all) {
  const found = all('h1, h2, h3, h4, h5, h6');
  const top = Math.min(...found.map((element) => Number(element.localName[1])));
  found.forEach((element) => { element.dataset.level = Math.min(6, Number(element.localName[1]) - top + 2); });
}
