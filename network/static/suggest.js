/* Suggestions while typing: <form data-suggest="address" data-label="…" data-number="…: {count}">
   becomes an editable combobox with a list (ARIA 1.2); without this file it is a plain search. */
(function () {
  'use strict';

  const WAIT = 120;
  const SHORTEST = 2;

  function make(tag, attributes) {
    const node = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
    return node;
  }

  document.querySelectorAll('form[data-suggest]').forEach((form) => {
    const field = form.elements.q;
    const id = `${field.id}-suggestions`;
    const list = make('ul', { id, role: 'listbox', 'aria-label': form.dataset.label, class: 'suggestions', hidden: '' });
    const status = make('span', { role: 'status', class: 'hidden' });
    const known = new Map();
    let timer;
    let asking;
    let active = -1;

    /* A search field may not be a combobox; a text field may. */
    field.type = 'text';
    Object.entries({
      role: 'combobox', enterkeyhint: 'search', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': id,
    }).forEach(([name, value]) => field.setAttribute(name, value));
    form.append(list, status);

    const options = () => Array.from(list.children);
    const isOpen = () => !list.hidden;

    function choose(number) {
      active = number;
      options().forEach((option, at) => option.setAttribute('aria-selected', at === number));
      if (number < 0) {
        field.removeAttribute('aria-activedescendant');
        return;
      }
      field.setAttribute('aria-activedescendant', options()[number].id);
      options()[number].scrollIntoView({ block: 'nearest' });
    }

    function open(isShown) {
      list.hidden = !isShown;
      field.setAttribute('aria-expanded', isShown);
      choose(-1);
      if (!isShown) status.textContent = '';
    }

    function show(answer) {
      const [, texts, kinds, urls, langs] = answer;
      list.replaceChildren(...texts.map((text, at) => {
        const option = make('li', { id: `${id}-${at}`, role: 'option', 'aria-selected': 'false', 'data-url': urls[at] });
        const name = make('span', { lang: langs[at] });
        name.textContent = text;
        option.append(name);
        if (kinds[at]) {
          const kind = make('small', {});
          kind.textContent = kinds[at];
          option.append(' ', kind);
        }
        return option;
      }));
      open(texts.length > 0);
      if (texts.length) status.textContent = form.dataset.number.replace('{count}', texts.length);
    }

    function ask() {
      const typed = field.value.trim();
      if (asking) asking.abort();
      if (typed.length < SHORTEST) {
        open(false);
        return;
      }
      if (known.has(typed)) {
        show(known.get(typed));
        return;
      }
      asking = new AbortController();
      fetch(`${form.dataset.suggest}?${new URLSearchParams({ q: typed })}`, { signal: asking.signal })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
        .then((answer) => {
          known.set(typed, answer);
          if (document.activeElement === field && field.value.trim() === typed) show(answer);
        })
        .catch(() => {});
    }

    field.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    field.addEventListener('blur', () => {
      clearTimeout(timer);
      open(false);
    });
    field.addEventListener('keydown', (event) => {
      const { key, altKey, ctrlKey, metaKey, isComposing } = event;
      if (ctrlKey || metaKey || isComposing) return;
      const count = options().length;
      if (key === 'Escape' && isOpen()) {
        open(false);
      } else if (key === 'ArrowDown' && !isOpen() && count && field.value.trim().length >= SHORTEST) {
        open(true);
        if (!altKey) choose(0);
      } else if (key === 'ArrowDown' && isOpen()) {
        choose(active + 1 < count ? active + 1 : -1);
      } else if (key === 'ArrowUp' && isOpen()) {
        choose(active < 0 ? count - 1 : active - 1);
      } else if (key === 'Enter' && isOpen() && active >= 0) {
        location.assign(options()[active].dataset.url);
      } else {
        return;
      }
      event.preventDefault();
    });
    /* The field keeps the focus, so that the list stays until the click has chosen. */
    list.addEventListener('mousedown', (event) => event.preventDefault());
    list.addEventListener('click', (event) => {
      const option = event.target.closest('[role="option"]');
      if (option) location.assign(option.dataset.url);
    });
  });
}());
