// One cursor over all charts. Without this script every number stands in the tables.
(() => {
  const charts = [...document.querySelectorAll('.chart')].map((section) => ({
    plot: section.querySelector('.plot'),
    cursor: section.querySelector('.cursor'),
    values: [...section.querySelectorAll('.legend b')],
    names: [...section.querySelectorAll('.legend li')].map((item) => item.dataset.name),
    title: section.querySelector('h2').textContent,
    data: JSON.parse(section.querySelector('script').textContent),
  }));
  const told = (data, i, column) => {
    const x = data.values[i][column];
    return x === null ? '\u2013' : x.toFixed(data.digits).replace('-', '\u2212');
  };
  const show = (share) => {
    for (const { plot, cursor, names, values, data } of charts) {
      const column = Math.min(data.columns - 1, Math.max(0, Math.floor(share * data.columns)));
      cursor.hidden = false;
      cursor.style.left = ((column + 0.5) / data.columns) * 100 + '%';
      cursor.classList.toggle('late', share > 0.6);
      cursor.firstChild.textContent = data.times[column];
      plot.setAttribute('aria-valuenow', column + 1);
      plot.setAttribute('aria-valuetext', data.times[column] + ', ' + names.map((name, i) => name + ' ' + told(data, i, column)).join(', '));
      values.forEach((value, i) => {
        value.textContent = told(data, i, column);
      });
    }
  };
  const hide = () => {
    for (const { cursor, values } of charts) {
      cursor.hidden = true;
      values.forEach((value) => (value.textContent = value.dataset.still));
    }
  };
  for (const { plot, title, data } of charts) {
    let share = 0.5;
    plot.tabIndex = 0;
    plot.setAttribute('role', 'slider');
    plot.setAttribute('aria-label', 'Time in ' + title);
    plot.setAttribute('aria-valuemin', 1);
    plot.setAttribute('aria-valuemax', data.columns);
    plot.setAttribute('aria-valuenow', 1);
    const point = (event) => {
      const box = plot.getBoundingClientRect();
      show((share = (event.clientX - box.left) / box.width));
    };
    plot.addEventListener('pointermove', point);
    plot.addEventListener('pointerdown', point);
    plot.addEventListener('pointerleave', hide);
    plot.addEventListener('focus', () => show(share));
    plot.addEventListener('blur', hide);
    plot.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -24, PageDown: 24 }[event.key];
      if (!step) return;
      event.preventDefault();
      show((share = Math.min(0.999, Math.max(0, share + step / data.columns))));
    });
  }
})();
