// Draws the report page from the JSON in it. All text goes in as text, never as markup.
'use strict';
const {result, series} = JSON.parse(document.getElementById('report').textContent);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const number = (value, digits = 1) =>
  value.toLocaleString('en', {minimumFractionDigits: digits, maximumFractionDigits: digits});

function add(parent, tag, text) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

function row(table, cells, tag = 'td') {
  const made = add(table, 'tr');
  for (const cell of cells) add(made, tag, cell);
}

function tile(text, name) {
  const made = add(document.getElementById('tiles'), 'div');
  made.className = 'tile';
  add(made, 'b', text);
  add(made, 'span', name);
}

// Only where there are several; otherwise the figures above say it all.
function showClasses() {
  const classes = Object.entries(result.classes || {});
  if (classes.length === 0) return;
  document.getElementById('by-class').hidden = false;
  const table = document.getElementById('classes');
  row(table, ['', 'done', 'failed', 'tokens', 'tokens/s', 'TTFT p50', 'TTFT p99', 'TPOT p50',
              'TPOT p99', 'E2EL p50', 'E2EL p99'], 'th');
  for (const [name, part] of classes) {
    const latencies = ['ttft', 'tpot', 'e2el'].flatMap(
      (of) => [number(part[`median_${of}_ms`]), number(part[`p99_${of}_ms`])]);
    row(table, [name, part.completed, part.failed, part.total_output_tokens,
                number(part.output_throughput), ...latencies]);
  }
}

function showFigures() {
  const setup = Object.entries(result.setup || {}).map(([name, value]) => `${name}: ${value}`);
  document.getElementById('setup').textContent =
    setup.join(' · ') + (result.interrupted ? ' · interrupted' : '');
  tile(number(result.output_throughput), 'output tokens/s');
  tile(number(result.request_throughput, 2), 'requests/s');
  if ('request_goodput' in result) tile(number(result.request_goodput, 2), 'good requests/s');
  tile(`${result.completed} / ${result.failed}`, 'completed / failed');
  tile(number(result.duration), 'seconds');
  tile(`${number(100 * result.client_cpu_share)} %`, 'of a core for the client');
  const latencies = document.getElementById('latencies');
  const columns = ['mean', 'median', 'p90', 'p99', 'max'];
  row(latencies, ['', ...columns], 'th');
  for (const name of ['ttft', 'tpot', 'itl', 'e2el']) {
    row(latencies, [name.toUpperCase(), ...columns.map((c) => number(result[`${c}_${name}_ms`], 2))]);
  }
  showClasses();
  const errors = document.getElementById('errors');
  for (const [kind, count] of Object.entries(result.errors)) {
    row(errors, [kind, count, result.error_samples[kind]]);
  }
}

const axis = (label, more) => ({label, stroke: colour('--faint'), grid: {stroke: colour('--line')},
                                ticks: {stroke: colour('--line')}, ...more});
const line = (label, name, more) => ({label, stroke: colour(name), width: 2, points: {show: false},
                                      spanGaps: true, ...more});
const dots = (label, name) => ({label, stroke: colour(name), paths: () => null,
                                points: {show: true, size: 5, fill: colour(name)}});

// A logarithmic axis has no place for zero.
const positive = (values) => values.map((value) => (value > 0 ? value : null));

function plot(id, xLabel, axes, lines, data, scales = {}) {
  const place = document.getElementById(id);
  if (data[0].length === 0) {
    place.textContent = 'nothing to show';
    return;
  }
  const options = {width: place.clientWidth, height: 300, axes: [axis(xLabel), ...axes],
                   scales: {x: {time: false}, ...scales}, series: [{label: xLabel}, ...lines]};
  const chart = new uPlot(options, data, place);
  addEventListener('resize', () => chart.setSize({width: place.clientWidth, height: 300}));
}

showFigures();
plot('rate', 'seconds', [axis('tokens/s'), axis('in flight', {scale: 'n', side: 1, grid: {show: false}})],
     [line('tokens/s', '--a'), line('in flight', '--b', {scale: 'n'})],
     [series.time, series.tokens_per_second, series.in_flight],
     {y: {range: (u, low, high) => [0, high || 1]}, n: {range: (u, low, high) => [0, high || 1]}});
plot('arrivals', 'seconds', [axis('ms')], [dots('TTFT', '--a'), dots('E2EL', '--b')],
     [series.scheduled, series.ttft_ms, series.e2el_ms],
     {y: {range: (u, low, high) => [0, high || 1]}});
plot('quantiles', 'percent', [axis('ms (logarithmic)')],
     [line('TTFT', '--a'), line('TPOT', '--c'), line('ITL', '--d'), line('E2EL', '--b')],
     [series.percent, ...[series.ttft, series.tpot, series.itl, series.e2el].map(positive)],
     {y: {distr: 3}});
