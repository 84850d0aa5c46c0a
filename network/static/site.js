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
  const supported = window.CSS && CSS.supports && CSS.supports('selector(::details-content)');
  if (!supported) {
    const sync = () => all('details.filters').forEach((node) => { node.open = wide.matches; });
    sync();
    if (wide.addEventListener) wide.addEventListener('change', sync);
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

  /* How many characters are left: <textarea data-count="{left} characters left" maxlength>. */
  all('[data-count][maxlength]').forEach((field) => {
    const output = document.createElement('span');
    output.className = 'hint';
    field.after(output);
    const show = () => {
      output.textContent = field.dataset.count.replace('{left}', field.maxLength - field.value.length);
    };
    field.addEventListener('input', show);
    show();
  });

  function post(form, address) {
    return fetch(address, {
      method: 'POST',
      body: new FormData(form),
      credentials: 'same-origin',
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

  /* Autosave: <form data-autosave="address"> with, inside it, an element [data-autosave-status]
     that carries data-saving, data-saved and data-failed. An answer {"revision": "…"} replaces the
     field named "revision", so that the next save is not taken for a lost update. 409 stops it. */
  all('form[data-autosave]').forEach((form) => {
    const status = form.querySelector('[data-autosave-status]');
    const say = (key) => { if (status) status.textContent = status.dataset[key] || ''; };
    let dirty = false;
    let stopped = false;
    let busy = false;
    const save = () => {
      if (stopped || busy || !dirty) return;
      dirty = false;
      busy = true;
      say('saving');
      post(form, form.dataset.autosave).then((answer) => {
        if (answer.status === 409) stopped = true;
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      }).then((body) => {
        if (body.revision && form.elements.revision) form.elements.revision.value = body.revision;
        say('saved');
      }).catch(() => {
        dirty = true;
        say('failed');
      }).then(() => {
        busy = false;
      });
    };
    const later = debounced(save, 3000);
    form.addEventListener('input', () => {
      dirty = true;
      later();
    });
    form.addEventListener('submit', () => { stopped = true; });
    window.addEventListener('beforeunload', (event) => {
      if (dirty && !stopped) event.preventDefault();
    });
  });

  /* Live preview: <form data-preview="address"> and <div data-preview-of="field name">.
     The server answers with the same safe HTML that it would publish. */
  all('form[data-preview]').forEach((form) => {
    all('[data-preview-of]', form).forEach((target) => {
      const field = form.elements[target.dataset.previewOf];
      if (!field) return;
      const show = () => {
        const data = new FormData();
        const token = form.elements.csrf_token;
        if (token) data.set('csrf_token', token.value);
        data.set('body', field.value);
        fetch(form.dataset.preview, { method: 'POST', body: data, credentials: 'same-origin' })
          .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
          .then((html) => {
            target.innerHTML = html;
            const box = target.closest('[hidden]');
            if (box) box.hidden = false;
          })
          .catch(() => {});
      };
      field.addEventListener('input', debounced(show, 600));
      if (field.value) show();
    });
  });
}());
