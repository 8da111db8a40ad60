// Draws the comparison from the JSON beside it: heat maps as tables, Pareto plots with uPlot.
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const element = (name, text, parent) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (parent) parent.appendChild(made);
  return made;
};
const distinct = values => [...new Set(values)];
const colour = ratio => {
  // The logarithm, so that twice as fast and half as fast are as strong.
  const strength = Math.min(Math.abs(Math.log2(ratio)), 1.2) / 1.2;
  return `hsl(${ratio >= 1 ? 140 : 8} 70% ${97 - 45 * strength}%)`;
};

const describe = (at, ratio) => {
  const [low, high] = ratio.interval_95 || ratio.range;
  return `${ratio.interval_95 ? '95 %' : 'range'}: ${low.toFixed(3)} to ${high.toFixed(3)}, ${at.rounds} round(s); ` +
    (at.ratio_to_envelope ? `${at.ratio_to_envelope.median.toFixed(3)} of the best static choice; ` : '') +
    (at.ratio_to_own_baseline ? `${at.ratio_to_own_baseline.median.toFixed(3)} of its own baseline; ` : '') +
    `TTFT ${at.ttft_mean_ms.toFixed(0)} ms, TPOT ${at.tpot_median_ms.toFixed(1)} ms` +
    (at.failed_rounds ? `; ${at.failed_rounds} round(s) failed: ${at.error}` : '');
};

function heatMap(points, parent) {
  const loads = points.map(point => point.load);
  const table = element('table', undefined, parent);
  const head = element('tr', undefined, table);
  element('th', 'server \\ load', head);
  loads.forEach(load => element('th', load, head));
  for (const server of distinct(points.flatMap(point => point.servers.map(s => s.server)))) {
    const row = element('tr', undefined, table);
    element('td', server, row);
    for (const point of points) {
      const at = point.servers.find(s => s.server === server);
      const cell = element('td', undefined, row);
      if (!at || at.rounds === 0) { cell.textContent = at ? `failed: ${at.error}` : ''; continue; }
      const ratio = at.ratio_to_off;
      cell.textContent = ratio ? ratio.median.toFixed(2) : '-';
      if (ratio) {
        cell.style.background = colour(ratio.median);
        cell.title = describe(at, ratio);
      }
      element('small', at.tokens_per_second.median.toFixed(1), cell);
      if (point.best_static === server) cell.className = 'best';
    }
  }
}

function pareto(points, title, parent) {
  const servers = distinct(points.flatMap(point => point.servers.map(s => s.server)));
  const hue = i => `hsl(${Math.round(360 * i / servers.length)} 65% 42%)`;
  // One x axis for all: the sorted speeds of single users; each line has its own points of it.
  const places = servers.map(server => points.flatMap(point => {
    const at = point.servers.find(s => s.server === server && s.rounds > 0 && s.tpot_median_ms > 0);
    return at ? [[1000 / at.tpot_median_ms, at.tokens_per_second.median]] : [];
  }));
  const xs = distinct(places.flat().map(place => place[0])).sort((a, b) => a - b);
  if (xs.length === 0) return;
  const columns = places.map(line => xs.map(x => {
    const found = line.find(place => place[0] === x);
    return found ? found[1] : undefined;
  }));
  const series = servers.map((server, i) => (
    {label: server, stroke: hue(i), width: 1.5, spanGaps: true, points: {show: true, size: 5}}));
  new uPlot({
    title, width: 560, height: 380, scales: {x: {time: false}},
    axes: [{label: 'tokens/s of one user (1 / TPOT)'}, {label: 'tokens/s of all'}],
    series: [{label: 'one user'}, ...series],
  }, [xs, ...columns], parent);
}

document.getElementById('title').textContent = data.name;
document.title = data.name;
for (const [what, value] of data.setup) {
  element('dt', what, document.getElementById('setup'));
  element('dd', value, document.getElementById('setup'));
}
const main = document.getElementById('main');
for (const model of distinct(data.points.map(point => point.model))) {
  element('h2', model, main);
  const facts = data.models.find(entry => entry.name === model);
  if (facts && facts.note) element('p', facts.note, main);
  if (facts && facts.best_single_static) {
    element('p', `The best single hand-tuned choice for all points: ${facts.best_single_static}.`, main);
  }
  const ofModel = data.points.filter(point => point.model === model);
  for (const mix of distinct(ofModel.map(point => point.mix))) {
    element('h3', mix, main);
    heatMap(ofModel.filter(point => point.mix === mix), main);
  }
  const plots = element('div', undefined, main);
  plots.className = 'plots';
  for (const mix of distinct(ofModel.map(point => point.mix))) {
    pareto(ofModel.filter(point => point.mix === mix), `${model}, ${mix}`, plots);
  }
}
