/* Progressive enhancement only: every page does its work without this file.
   Words come from the page (data attributes), so that they are translated with it. */
(function () {
  'use strict';

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  /* The error summary takes the focus, so that it is read out first. */
  const summary = document.querySelector('[data-focus]');
  if (summary) summary.focus();

  /* Where the stylesheet cannot open the filters on a wide screen, we do. */
  const wide = window.matchMedia('(min-width: 60rem)');
  if (!CSS.supports('selector(::details-content)')) {
    const sync = () => all('details.filters').forEach((node) => { node.open = wide.matches; });
    sync();
    wide.addEventListener('change', sync);
  }

  /* Copy buttons. */
  if (navigator.clipboard) {
    all('[data-copy]').forEach((button) => {
      const label = button.innerHTML;
      button.hidden = false;
      button.setAttribute('aria-live', 'polite');
      button.addEventListener('click', () => {
        navigator.clipboard.writeText(button.dataset.copy).then(() => {
          button.textContent = button.dataset.copied;
          setTimeout(() => { button.innerHTML = label; }, 2000);
        });
      });
    });
  }

  /* A question before what cannot be undone: <button data-confirm="…">. */
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-confirm]');
    if (button && !window.confirm(button.dataset.confirm)) event.preventDefault();
  });

  /* A form that shows its result at once when a choice changes: <form data-auto-submit>. */
  all('form[data-auto-submit]').forEach((form) => {
    form.addEventListener('change', () => form.requestSubmit());
  });

  /* Choosing case studies to compare: what is ticked (form#compare) is remembered from page to page
     while the tab is open, by their names in addresses, which are those of the page's language.
     A comparison ([data-compared]) says anew what is chosen; a link [data-compare] adds to it. */
  const chosenKey = `compare-${document.documentElement.lang}`;
  const chosen = (names) => {
    try {
      if (names) sessionStorage.setItem(chosenKey, names.join(' '));
      return (sessionStorage.getItem(chosenKey) || '').split(' ').filter(Boolean);
    } catch (error) {
      return names || [];
    }
  };
  all('[data-compared]').forEach((table) => {
    chosen(table.dataset.compared.split(' ').filter(Boolean));
  });
  const chooser = document.getElementById('compare');
  if (chooser) {
    const boxes = all('input[name="study"][form="compare"]');
    const most = Number(chooser.dataset.most);
    const says = chooser.querySelector('[role="status"]');
    const words = says.textContent;
    const show = () => {
      const names = chosen();
      all('input[type="hidden"]', chooser).forEach((input) => input.remove());
      boxes.forEach((box) => {
        box.checked = names.includes(box.value);
        box.disabled = !box.checked && names.length >= most;
      });
      names.filter((name) => !boxes.some((box) => box.value === name)).forEach((name) => {
        chooser.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'study', value: name }));
      });
      chooser.classList.toggle('compare-bar--on', names.length > 0);
      says.textContent = names.length ? chooser.dataset.count.replace('{count}', names.length) : words;
    };
    boxes.forEach((box) => box.addEventListener('change', () => {
      const others = chosen().filter((name) => name !== box.value);
      chosen(box.checked ? [...others, box.value] : others);
      show();
    }));
    window.addEventListener('pageshow', show);
  }
  all('a[data-compare]').forEach((link) => link.addEventListener('click', () => {
    const names = [...chosen().filter((name) => name !== link.dataset.compare), link.dataset.compare];
    link.search = new URLSearchParams(names.map((name) => ['study', name])).toString();
  }));

  /* How many characters are left: <textarea data-count="{left} characters left" maxlength="300">.
     With data-most instead of maxlength nothing is cut off; data-over="{over} too many" says so. */
  all('input[data-count], textarea[data-count]').forEach((field) => {
    const most = Number(field.dataset.most) || field.maxLength;
    if (most <= 0) return;
    const output = document.createElement('span');
    output.className = 'hint';
    field.after(output);
    const show = () => {
      const left = most - field.value.length;
      const over = left < 0 && field.dataset.over;
      output.className = over ? 'error' : 'hint';
      output.textContent = over
        ? field.dataset.over.replace('{over}', -left)
        : field.dataset.count.replace('{left}', left);
    };
    field.addEventListener('input', show);
    show();
  });

  /* Long work: <div data-refresh="milliseconds"> asks for its own page and takes the marked parts
     from it, unless somebody is reading or using them; when the work is done the page is loaded. */
  all('[data-refresh]').forEach((work) => {
    const parts = () => all('[data-refresh-part]', work);
    const look = () => fetch(location.href)
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
      .then((html) => {
        const page = new DOMParser().parseFromString(html, 'text/html');
        const fresh = all('[data-refresh] [data-refresh-part]', page);
        if (!fresh.length) {
          location.reload();
          return;
        }
        parts().forEach((part, number) => {
          if (!part.contains(document.activeElement)) part.replaceWith(document.adoptNode(fresh[number]));
        });
        document.title = page.title;
        again();
      })
      .catch(again);
    function again() { setTimeout(look, Number(work.dataset.refresh)); }
    again();
  });
}());
