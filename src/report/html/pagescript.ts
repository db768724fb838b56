// The page's script: sorts tables, filters essays, opens a text. Fetches nothing; texts are only ever set as text.

export const SCRIPT = String.raw`
'use strict';
(() => {
  const essays = JSON.parse(document.getElementById('data').textContent).essays;

  const keyOf = (row, at) => {
    const cell = row.cells[at];
    if (cell.dataset.v === undefined) return cell.textContent.trim();
    return cell.dataset.v === '' ? '' : Number(cell.dataset.v);
  };
  const compare = (a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1);

  const sortBy = (head) => {
    const table = head.closest('table');
    const body = table.tBodies[0];
    const first = head.classList.contains('number') ? 'descending' : 'ascending';
    const other = first === 'ascending' ? 'descending' : 'ascending';
    const order = head.getAttribute('aria-sort') === first ? other : first;
    for (const each of table.tHead.rows[0].cells) each.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', order);
    const sign = order === 'ascending' ? 1 : -1;
    const keyed = [...body.rows].map((row, at) => ({ row, at, key: keyOf(row, head.cellIndex) }));
    keyed.sort((a, b) => {
      if (a.key === '' || b.key === '') return (a.key === '') - (b.key === '') || a.at - b.at;
      return a.key === b.key ? a.at - b.at : sign * compare(a.key, b.key);
    });
    body.append(...keyed.map(({ row }) => row));
  };
  for (const button of document.querySelectorAll('thead th button'))
    button.addEventListener('click', () => sortBy(button.closest('th')));

  const search = document.getElementById('search');
  search?.addEventListener('input', () => {
    const words = search.value.toLowerCase().split(/\s+/).filter((word) => word !== '');
    let shown = 0;
    for (const row of document.getElementById('essay-rows').rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    document.getElementById('found').textContent = words.length === 0 ? '' : shown + ' found';
  });

  const element = (name, text, parent) => {
    const made = document.createElement(name);
    made.textContent = text;
    parent.append(made);
    return made;
  };
  const dialog = document.getElementById('reader');
  const open = (id) => {
    const essay = essays[id];
    document.getElementById('reader-title').textContent = id;
    document.getElementById('reader-file').href = essay.href;
    document.getElementById('reader-text').textContent = essay.text ?? 'This text is not kept in the page: open its file.';
    const body = document.getElementById('reader-scores');
    body.replaceChildren();
    for (const [rubric, judge, replicate, score, href] of essay.evaluations) {
      const row = body.insertRow();
      element('td', rubric, row);
      element('td', judge, row);
      element('td', replicate ?? '', row).className = 'number';
      element('td', score ?? 'none', row).className = 'number';
      element('a', 'reply', element('td', '', row)).href = href;
    }
    dialog.showModal();
    dialog.scrollTop = 0;
  };
  document.getElementById('essay-rows')?.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (button !== null) open(button.dataset.essay);
  });
  document.getElementById('reader-close').addEventListener('click', () => dialog.close());
})();
`;
