/* Progressive enhancement of the desk's editor, as site.js is of every page: autosave, preview, rows. */
(function () {
  'use strict';

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

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
