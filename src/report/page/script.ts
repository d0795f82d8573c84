/**
 * The few lines of script in the HTML report: copy buttons, keys to move between violations and events, and a line in
 * the picture at the event that is looked at. Everything can be read without it.
 *
 * The page's content security policy names this text by its hash, so that no other script runs on it, whatever a lock
 * is called.
 */

export const SCRIPT = `'use strict';
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const copy = async (text) => {
    try { await navigator.clipboard.writeText(text); } catch {
      const area = document.createElement('textarea');
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
  };
  for (const button of all('.replay button')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      await copy(button.previousElementSibling.textContent);
      const before = button.innerHTML;
      button.textContent = 'Copied';
      setTimeout(() => { button.innerHTML = before; }, 1500);
    });
  }
  for (const element of all('.keys')) element.hidden = false;
  for (const box of all('[data-focus]')) box.scrollLeft = box.dataset.focus - box.clientWidth / 2;
  const cells = all('article.cell');
  const rowsOf = (cell) => all('tr[data-x]', cell);
  let current = -1;
  let row = null;
  const pick = (next) => {
    if (row) row.classList.remove('on');
    row = next;
    const cell = row.closest('.cell');
    current = cells.indexOf(cell);
    row.classList.add('on');
    for (const line of all('.cur.on')) line.classList.remove('on');
    const line = cell.querySelector('.cur');
    const box = cell.querySelector('figure .scroll');
    if (!line) return;
    const x = Number(row.dataset.x);
    line.classList.add('on');
    line.setAttribute('transform', 'translate(' + x + ' 0)');
    if (x < box.scrollLeft + 110 || x > box.scrollLeft + box.clientWidth - 40) box.scrollLeft = x - box.clientWidth / 2;
  };
  const show = (next) => {
    next.closest('details').open = true;
    pick(next);
    const box = next.closest('.scroll');
    box.scrollTop = next.offsetTop - box.clientHeight / 2;
  };
  for (const cell of cells) {
    cell.addEventListener('click', (event) => {
      const clicked = event.target.closest('tr[data-x]');
      if (clicked) pick(clicked);
      const svg = event.target.closest('.st-svg');
      const rows = rowsOf(cell);
      if (!svg || rows.length === 0) return;
      const x = event.clientX - svg.getBoundingClientRect().left;
      const off = (one) => Math.abs(Number(one.dataset.x) - x);
      show(rows.reduce((best, one) => (off(one) < off(best) ? one : best)));
    });
  }
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input,textarea,select')) return;
    if (event.key === 'n' || event.key === 'p') {
      const next = cells[Math.max(0, current + (event.key === 'n' ? 1 : -1))];
      if (!next) return;
      current = cells.indexOf(next);
      next.scrollIntoView();
      next.focus({ preventScroll: true });
    }
    if (event.key === 'j' || event.key === 'k') {
      const rows = rowsOf(cells[Math.max(0, current)] || document);
      if (rows.length === 0) return;
      const index = rows.indexOf(row);
      const first = rows.findIndex((one) => one.classList.contains('in'));
      show(rows[index < 0 ? Math.max(0, first) : Math.min(rows.length - 1, Math.max(0, index + (event.key === 'j' ? 1 : -1)))]);
    }
  });
})();
`

/** SHA-256 of `SCRIPT` in base64, as a content security policy wants it; a test computes it. */
export const SCRIPT_HASH = 'sha256-s86UC0Qrr/8Z+E6RN7+juhcwcPECdEEJcfflnz2jjHw='
