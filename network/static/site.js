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

  function post(form, address) {
    return fetch(address, {
      method: 'POST',
      body: new FormData(form),
      headers: { 'X-Requested-With': 'fetch', Accept: 'application/json' },
    });
  }

  function debounced(action, wait) {
    let timer;
    return () => {
      clearTimeout(timer);
      timer = setTimeout(action, wait);
    };
  }

  /* Autosave, three seconds after the last key, eight after the first while somebody types on, and
     at once when the tab is left: <form data-autosave="address"> with, inside it, an element
     [data-autosave-status] that carries data-saving, -saved, -failed, -signed-out and -conflict. An answer {"fields": {…}}
     gives hidden fields of the form new values, so that the next save is not taken for a lost
     update. 409 stops it: a person has to decide. */
  all('form[data-autosave]').forEach((form) => {
    const status = form.querySelector('[data-autosave-status]');
    const say = (key) => { if (status) status.textContent = status.dataset[key] || ''; };
    const troubles = { 401: 'signedOut', 409: 'conflict' };
    let dirty = false;
    let stopped = false;
    let leaving = false;
    let running = null;
    let timer;
    let since = 0;

    const update = (answer) => answer.json().catch(() => ({})).then((body) => {
      Object.entries(body.fields || {}).forEach(([name, value]) => {
        if (form.elements[name]) form.elements[name].value = value;
      });
    });
    const save = () => {
      clearTimeout(timer);
      if (stopped || leaving || running || !dirty) return;
      dirty = false;
      since = 0;
      say('saving');
      running = post(form, form.dataset.autosave).then((answer) => update(answer).then(() => {
        if (answer.ok) {
          say(dirty ? '' : 'saved');
          if (dirty) later();
          return;
        }
        dirty = true;
        stopped = answer.status === 409;
        say(troubles[answer.status] || 'failed');
        if (answer.status === 400) later();
      })).catch(() => {
        dirty = true;
        say('failed');
      }).then(() => { running = null; });
    };
    const later = () => {
      const now = Date.now();
      since = since || now;
      clearTimeout(timer);
      timer = setTimeout(save, Math.max(0, Math.min(3000, since + 8000 - now)));
    };
    document.addEventListener('visibilitychange', () => { if (document.hidden) save(); });

    const changed = () => {
      if (!dirty && !running) say('');
      dirty = true;
      later();
    };
    form.addEventListener('input', changed);
    form.addEventListener('rich:change', changed); // of editor.js, where no key was pressed as well
    /* A save under way is waited for: sent at the same time, the form would be a save too late. */
    form.addEventListener('submit', (event) => {
      if (running) {
        event.preventDefault();
        running.then(() => form.requestSubmit(event.submitter));
        return;
      }
      leaving = true;
    });
    window.addEventListener('pageshow', () => { leaving = false; });
    window.addEventListener('beforeunload', (event) => {
      if (dirty && !leaving) event.preventDefault();
    });
  });

  /* Live preview: <form data-preview="address"> and <div data-preview-of="field name"> in a
     <details hidden>. The server answers with the same safe HTML that it would publish. */
  all('form[data-preview]').forEach((form) => {
    all('[data-preview-of]', form).forEach((target) => {
      const field = form.elements[target.dataset.previewOf];
      const box = target.closest('details');
      if (!field || !box) return;
      const show = () => {
        if (!box.open) return;
        const data = new FormData();
        data.set('csrf_token', form.elements.csrf_token.value);
        data.set('body', field.value);
        fetch(form.dataset.preview, { method: 'POST', body: data })
          .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
          .then((html) => { target.innerHTML = html; })
          .catch(() => {});
      };
      box.hidden = false;
      box.addEventListener('toggle', show);
      field.addEventListener('input', debounced(show, 600));
    });
  });

  /* More rows for links, without a round trip: the last row of <fieldset data-rows>, emptied. */
  all('[data-rows] [name="more"]').forEach((button) => {
    button.addEventListener('click', (event) => {
      const rows = all('.link-row', button.closest('[data-rows]'));
      const last = rows[rows.length - 1];
      const row = last.cloneNode(true);
      const number = rows.length + 1;
      event.preventDefault();
      all('input', row).forEach((input) => {
        const label = row.querySelector(`label[for="${input.id}"]`);
        input.value = '';
        input.id += '-new';
        label.htmlFor = input.id;
        label.innerHTML = label.innerHTML.replace(/\d+\)/, `${number})`);
      });
      last.after(row);
      row.querySelector('input').focus();
    });
  });
}());
