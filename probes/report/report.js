// Move the pictures of the report. Numbers and plotly.js are packed in the page; nothing is loaded.
"use strict";
(async () => {
  // Words come from anybody's text: they go into the page as text, and into plotly, which reads
  // a little HTML and TeX in its labels, with both escaped.
  const ESCAPED = { "&": "&amp;", "<": "&lt;", ">": "&gt;", $: "&#36;" };
  const literal = (word) => String(word).replace(/[&<>$]/g, (letter) => ESCAPED[letter]);
  const make = (tag, text = "", attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const unpacked = async (id) => {
    const packed = Uint8Array.from(
      atob(document.getElementById(id).textContent.trim()),
      (letter) => letter.charCodeAt(0),
    );
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  };

  // ---- the look -------------------------------------------------------------------------------
  // Those of the figures (Okabe and Ito 2008), and the same hues bright enough for a dark page.
  const LIGHT = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7F7F7F", "#B8A400"];
  const DARK = ["#4DA3DA", "#FF8B4A", "#2FC79A", "#E59AC4", "#9AD6F7", "#F5BC50", "#ABABAB", "#DCCB4C"];
  const night = matchMedia("(prefers-color-scheme: dark)");
  const hue = (k) => (night.matches ? DARK : LIGHT)[k % LIGHT.length];
  const SYMBOLS = ["circle", "triangle-up"];
  const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const narrow = () => window.innerWidth < 640;
  const MINUS = "−";
  const shown = (number, digits = 3) =>
    number === null || number === undefined
      ? "–"
      : String(Number(Number(number).toPrecision(digits))).replace("-", MINUS);
  const share = (number) => `${shown(100 * number)} %`;
  const look = (height, more = {}) => {
    const axis = () => ({
      gridcolor: ink("--line"), linecolor: ink("--muted"), zerolinecolor: ink("--line"),
      tickfont: { color: ink("--muted") }, automargin: true, fixedrange: narrow(),
    });
    const { xaxis = {}, yaxis = {}, ...rest } = more;
    return {
      height, autosize: true, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: ink("--ink") },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: ink("--muted"), activecolor: ink("--accent") },
      margin: { l: 48, r: 12, t: 28, b: 44 }, hovermode: "closest",
      dragmode: narrow() ? false : "zoom",
      hoverlabel: { bgcolor: ink("--paper"), bordercolor: ink("--muted"), font: { color: ink("--ink") } },
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, font: { color: ink("--ink") } },
      xaxis: { ...axis(), ...xaxis }, yaxis: { ...axis(), ...yaxis }, ...rest,
    };
  };
  const CONFIG = {
    responsive: true, displaylogo: false, showTips: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    toImageButtonOptions: { format: "svg" },
  };
  /** A logarithmic axis with numbers that can be read: 1, 2 and 5 of each power of ten. */
  const logarithmic = (low, high, title) => {
    const values = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
      for (const lead of high / low > 300 ? [1] : [1, 2, 5]) values.push(Number(`${lead}e${power}`));
    }
    return {
      type: "log", title: heading(title), tickvals: values,
      ticktext: values.map((value) => (value < 1e-3 || value >= 1e5 ? value.toExponential(0).replace("e+", "e") : String(value))),
      range: [Math.log10(low), Math.log10(high)],
    };
  };
  const heading = (text) => ({ text, font: { size: 12, color: ink("--muted") } });
  const drawers = []; // Each draws a picture anew, for another look of the page.
  const drawn = (draw) => {
    drawers.push(draw);
    draw();
  };

  // ---- curves over time and dimension ---------------------------------------------------------
  const marker = (x) => [{
    type: "line", x0: x, x1: x, y0: 0, y1: 1, yref: "paper",
    line: { color: ink("--accent"), width: 2 },
  }];
  const faded = (colour, alpha) => {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    return `rgba(${r},${g},${b},${alpha})`;
  };
  /** A curve with its interval as a band, and dotted what chance gives. */
  const banded = (name, at, numbers, chance, colour) => {
    const known = at.map((_, k) => k).filter((k) => numbers[k]);
    const x = known.map((k) => at[k]);
    const column = (n) => known.map((k) => numbers[k][n]);
    const traces = [
      { x: [...x, ...[...x].reverse()], y: [...column(2), ...column(1).reverse()], fill: "toself",
        fillcolor: faded(colour, 0.16), line: { width: 0 }, mode: "lines", hoverinfo: "skip", showlegend: false },
      { x, y: column(0), name, mode: "lines+markers", line: { color: colour, width: 2 }, marker: { size: 5 },
        text: known.map((k) => `${name} ${shown(numbers[k][0])} [${shown(numbers[k][1])}, ${shown(numbers[k][2])}]`),
        hoverinfo: "text" },
    ];
    if (chance) {
      traces.push({ x: at, y: chance, name: `${name} by chance`, mode: "lines", hoverinfo: "skip",
        showlegend: false, line: { color: colour, width: 1.4, dash: "dot" } });
    }
    return traces;
  };

  // ---- one run --------------------------------------------------------------------------------
  class Moments {
    // The moment that a run shows; all its sliders and pictures go together.
    constructor(root, last) {
      this.now = last;
      this.last = last;
      this.listeners = [];
      this.sliders = [...root.querySelectorAll("[data-moment]")];
      for (const slider of this.sliders) {
        slider.value = last;
        slider.addEventListener("input", () => this.to(Number(slider.value)));
      }
    }
    to(moment) {
      this.now = Math.max(0, Math.min(this.last, moment));
      for (const slider of this.sliders) slider.value = this.now;
      for (const listen of this.listeners) listen(this.now);
    }
    follow(listen) {
      this.listeners.push(listen);
    }
  }

  const told = (moving, moment) =>
    `t = ${shown(moving.times[moment])}: ${moving.learned[moment]} of ${moving.eigenvalues.length} modes learned, ` +
    `${share(moving.explained[moment])} of the target explained`;

  function space(root, moving, moments) {
    const at = (mode, word, moment) => {
      const curve = moving.singular_values[mode];
      const whole = moving.places.columns[mode][word] * moving.places.step[mode];
      return curve[moments.last] ? (whole * curve[moment]) / curve[moments.last] : 0;
    };
    const part = (name) => root.querySelector(`[data-${name}]`);
    const plot = part("space");
    const axes = [0, 1];
    const lower = moving.words.map((word) => word.toLowerCase());
    const followed = [];
    let drawnWords = Math.min(1500, moving.words.length);
    const reach = (mode) => {
      let least = 0;
      let most = 0;
      for (let word = 0; word < moving.words.length; word += 1) {
        const place = at(mode, word, moments.last);
        least = Math.min(least, place);
        most = Math.max(most, place);
      }
      const spare = 0.07 * (most - least || 1);
      return [least - spare, most + spare];
    };

    const groups = () => {
      const found = moving.topics.map(() => []);
      for (let word = 0; word < drawnWords; word += 1) found[moving.topic_of[word]].push(word);
      return found;
    };
    /** Labels for the words farthest out, as many as fit beside one another. */
    const labels = (moment) => {
      const [x, y] = plot._fullLayout ? [plot._fullLayout.xaxis, plot._fullLayout.yaxis] : [];
      const result = { x: [], y: [], text: [] };
      if (!x || !x._length) return result;
      const scale = axes.map((mode, k) => [x, y][k]._length / ([x, y][k].range[1] - [x, y][k].range[0]));
      const room = narrow() ? 24 : 60;
      const order = [];
      for (let word = 0; word < drawnWords; word += 1) {
        const px = at(axes[0], word, moment) * scale[0];
        const py = at(axes[1], word, moment) * scale[1];
        order.push([px * px + py * py, word, px, py]);
      }
      order.sort((one, other) => other[0] - one[0]);
      const boxes = [];
      for (const [size, word, px, py] of order.slice(0, 400)) {
        if (result.text.length >= room || size < 900) break;
        if (followed.includes(word)) continue;
        const half = 3.2 * Math.min(moving.words[word].length, 24) + 2;
        const box = [px - half, px + half, py + 2, py + 17];
        if (boxes.some((b) => box[0] < b[1] && b[0] < box[1] && box[2] < b[3] && b[2] < box[3])) continue;
        boxes.push(box);
        result.x.push(at(axes[0], word, moment));
        result.y.push(at(axes[1], word, moment));
        result.text.push(literal(moving.words[word].slice(0, 24)));
      }
      return result;
    };
    const trail = (word, moment) => {
      const path = { x: [], y: [] };
      for (let k = 0; k <= moment; k += 1) {
        path.x.push(at(axes[0], word, k));
        path.y.push(at(axes[1], word, k));
      }
      return path;
    };
    const traces = (moment) => {
      const made = groups().map((words, topic) => ({
        type: "scatter", mode: "markers", showlegend: false, hoverinfo: "text",
        x: words.map((word) => at(axes[0], word, moment)),
        y: words.map((word) => at(axes[1], word, moment)),
        text: words.map((word) => literal(moving.words[word])), name: literal(moving.topics[topic]),
        marker: { color: hue(topic), symbol: SYMBOLS[topic % 2],
          size: narrow() ? 4 : 5, opacity: followed.length ? 0.35 : 0.75 },
      }));
      made.push({ type: "scatter", mode: "text", hoverinfo: "skip", showlegend: false, textposition: "top center",
        textfont: { size: 11, color: ink("--ink") }, ...labels(moment) });
      followed.forEach((word) => {
        const path = trail(word, moment);
        const end = path.x.length - 1;
        made.push({ type: "scatter", mode: "lines", hoverinfo: "skip", showlegend: false, ...path,
          line: { color: ink("--accent"), width: 2 } });
        made.push({ type: "scatter", mode: "markers+text", hoverinfo: "text", showlegend: false,
          x: [path.x[end]], y: [path.y[end]], text: [`<b>${literal(moving.words[word])}</b>`],
          textposition: "bottom center", textfont: { size: 13, color: ink("--accent") },
          marker: { color: ink("--accent"), size: 10, symbol: "circle-open", line: { width: 3 } } });
      });
      return made;
    };
    const legend = () => part("legend").replaceChildren(...moving.topics.map((topic, k) => {
      const item = make("li");
      const dot = make("span", k % 2 ? "▲" : "●", { "aria-hidden": "true" });
      dot.style.color = hue(k);
      item.append(dot, ` ${topic}`);
      return item;
    }));
    const draw = () => {
      legend();
      const title = (mode) => heading(`mode ${mode + 1}`);
      const layout = look(narrow() ? 380 : 560, {
        margin: { l: 44, r: 8, t: 8, b: 40 }, transition: { duration: 0 },
        xaxis: { title: title(axes[0]), range: reach(axes[0]) },
        yaxis: { title: title(axes[1]), range: reach(axes[1]) },
      });
      Plotly.react(plot, traces(moments.now), layout, CONFIG).then(() => move(moments.now));
    };
    const move = (moment) => {
      const made = traces(moment);
      // Only places change from one moment to the next.
      Plotly.restyle(
        plot,
        { x: made.map((one) => one.x), y: made.map((one) => one.y), text: made.map((one) => one.text) },
        made.map((_, k) => k),
      );
      part("told").textContent = told(moving, moment);
      root.querySelector("input[data-moment]").setAttribute("aria-valuetext", told(moving, moment));
    };
    moments.follow(move);

    // Axes and number of words.
    root.querySelectorAll("[data-axis]").forEach((select) => {
      const which = Number(select.dataset.axis);
      moving.places.columns.forEach((_, mode) => {
        select.append(make("option", `mode ${mode + 1}`, { value: mode }));
      });
      select.value = axes[which];
      select.addEventListener("change", () => {
        axes[which] = Number(select.value);
        draw();
      });
    });
    for (const most of [300, 1500, 4000, moving.words.length]) {
      if (most > moving.words.length || part("drawn").lastChild?.value === String(most)) continue;
      part("drawn").append(make("option", most.toLocaleString("en"), { value: most }));
    }
    part("drawn").value = drawnWords;
    part("drawn").addEventListener("change", (event) => {
      drawnWords = Number(event.target.value);
      draw();
    });
    // Words that are followed.
    const said = (text) => {
      part("said").textContent = text;
    };
    const listFollowed = () => {
      part("followed").replaceChildren(...followed.map((word) => {
        const item = make("li");
        const button = make("button", `${moving.words[word]} ×`, { type: "button" });
        button.setAttribute("aria-label", `Follow ${moving.words[word]} no longer`);
        button.addEventListener("click", () => {
          followed.splice(followed.indexOf(word), 1);
          listFollowed();
          draw();
        });
        item.append(button);
        return item;
      }));
    };
    const follow = (word) => {
      if (!followed.includes(word)) followed.push(word);
      const places = axes.map((mode) => shown(at(mode, word, moments.last)));
      said(`${moving.words[word]}: word ${(word + 1).toLocaleString("en")} by frequency, at the end at ${places[0]} on ` +
        `mode ${axes[0] + 1} and ${places[1]} on mode ${axes[1] + 1}`);
      part("matches").replaceChildren();
      listFollowed();
      draw();
    };
    const matching = (text, most) => {
      const found = [];
      for (let word = 0; word < lower.length && found.length < most; word += 1) {
        if (lower[word].startsWith(text)) found.push(word);
      }
      return found;
    };
    const field = root.querySelector("form[data-find] input");
    field.addEventListener("input", () => {
      const text = field.value.trim().toLowerCase();
      part("matches").replaceChildren(...(text ? matching(text, 8) : []).map((word) => {
        const item = make("li");
        const button = make("button", moving.words[word], { type: "button" });
        button.addEventListener("click", () => follow(word));
        item.append(button);
        return item;
      }));
    });
    root.querySelector("form[data-find]").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = field.value.trim().toLowerCase();
      if (!text) return;
      const exact = lower.indexOf(text);
      const word = exact >= 0 ? exact : matching(text, 1)[0];
      if (word === undefined) {
        said(`No word here begins with “${field.value.trim()}”; the page has the ${moving.words.length.toLocaleString("en")} most frequent words`);
      } else {
        follow(word);
        field.value = "";
      }
    });

    // Play.
    const play = part("play");
    let timer = 0;
    const stop = () => {
      clearInterval(timer);
      timer = 0;
      play.textContent = "Play";
      play.setAttribute("aria-pressed", "false");
    };
    play.addEventListener("click", () => {
      if (timer) return stop();
      if (moments.now === moments.last) moments.to(0);
      play.textContent = "Pause";
      play.setAttribute("aria-pressed", "true");
      timer = setInterval(() => {
        moments.to(moments.now + 1);
        if (moments.now === moments.last) stop();
      }, 140);
    });
    root.hidden = false;
    drawn(draw);
    curves(root, moving, moments);
    return {
      axis(mode) {
        if (mode >= moving.places.columns.length) return false;
        axes[0] = mode;
        if (axes[1] === mode) axes[1] = mode ? 0 : 1;
        root.querySelectorAll("[data-axis]").forEach((select) => {
          select.value = axes[Number(select.dataset.axis)];
        });
        draw();
        root.scrollIntoView();
        return true;
      },
    };
  }

  function curves(root, moving, moments) {
    const [values, loss] = ["curves", "loss"].map((name) => root.querySelector(`[data-${name}]`));
    const xaxis = () => logarithmic(moving.times[0], moving.times[moments.last], "flow time t");
    drawn(() => {
      const number = moving.singular_values.length;
      const largest = Math.max(...moving.singular_values.map((curve) => curve[moments.last]));
      Plotly.react(values, moving.singular_values.map((y, k) => ({
        x: moving.times, y, mode: "lines", showlegend: false, name: `mode ${k + 1}`,
        hovertemplate: `mode ${k + 1}: %{y:.3g} at t = %{x:.3g}<extra></extra>`,
        line: { width: 1.4, color: `hsl(${230 - (180 * k) / number}, 65%, 50%)` },
      })), look(300, {
        title: { text: `Singular values of W, the first ${number} modes`, font: { size: 13 }, x: 0.02 },
        xaxis: xaxis(), shapes: marker(moving.times[moments.now]),
        yaxis: logarithmic(largest / 1e4, 1.5 * largest, "singular value"),
      }), CONFIG);
      Plotly.react(loss, [{ x: moving.times, y: moving.loss, mode: "lines", showlegend: false,
        line: { color: hue(1), width: 2 }, hovertemplate: "loss %{y:.4g} at t = %{x:.3g}<extra></extra>" }],
      look(300, { title: { text: "Quartic loss, 0 at W = 0", font: { size: 13 }, x: 0.02 }, xaxis: xaxis(),
        shapes: marker(moving.times[moments.now]), yaxis: { title: heading("loss"), exponentformat: "power" } }), CONFIG);
    });
    moments.follow((moment) => {
      for (const plot of [values, loss]) Plotly.relayout(plot, { shapes: marker(moving.times[moment]) });
    });
  }

  function topics(root, browser, show) {
    const select = root.querySelector("[data-mode]");
    const place = root.querySelector("[data-shown]");
    const hits = root.querySelector("[data-hits]");
    const said = root.querySelector("[data-said]");
    const name = (mode) => mode.ends.map((end) => end.label || "no label").join("  /  ");
    browser.modes.forEach((mode, k) => select.append(make("option", `${mode.mode}: ${name(mode)}`, { value: k })));
    const facts = (mode) => {
      const parts = [`eigenvalue ${shown(mode.eigenvalue, 4)}`];
      if (mode.learning_time !== null) parts.push(`learned at flow time ${shown(mode.learning_time)}`);
      return parts.join(", ");
    };
    const coherence = (end) => {
      if (end.coherence === null) return `coherence not measured: ${browser.not_measured}`;
      const verdict = end.coherent ? "coherent above chance" : "not coherent above chance: a list of words, not a name";
      return `${browser.measured === "npmi" ? "NPMI" : browser.measured} ${shown(end.coherence)} ` +
        `(${shown(end.by_chance)} by chance, p = ${shown(end.p, 2)}): ${verdict}`;
    };
    const open = (k) => {
      const mode = browser.modes[k];
      select.value = k;
      const title = make("h3", `Mode ${mode.mode}: ${facts(mode)}`);
      const both = make("div", "", { class: "ends" });
      for (const end of mode.ends) {
        const box = make("div");
        box.append(make("h4", `${end.end === "+" ? "+" : MINUS} end: ${end.label || "no label"}`), make("p", coherence(end), { class: "detail" }));
        const list = make("ol");
        end.words.forEach((word, n) => {
          const item = make("li", word);
          item.append(" ", make("span", shown(end.entries[n], 2), { class: "end" }));
          list.append(item);
        });
        box.append(list);
        both.append(box);
      }
      place.replaceChildren(title, both);
      if (show) {
        const button = make("button", `Show mode ${mode.mode} across the moving picture`, { type: "button" });
        button.addEventListener("click", () => {
          if (!show(mode.mode - 1)) said.textContent = "The moving picture has fewer modes than that";
        });
        place.append(button);
      }
    };
    select.addEventListener("change", () => open(Number(select.value)));
    root.querySelectorAll("[data-step]").forEach((button) => {
      button.addEventListener("click", () => {
        const next = Number(select.value) + Number(button.dataset.step);
        open((next + browser.modes.length) % browser.modes.length);
      });
    });
    const field = root.querySelector("[data-search]");
    field.addEventListener("input", () => {
      const text = field.value.trim().toLowerCase();
      const found = !text ? [] : browser.modes.map((mode, k) => [mode, k]).filter(([mode]) =>
        mode.ends.some((end) => end.label.toLowerCase().includes(text) ||
          end.words.some((word) => word.toLowerCase().startsWith(text))));
      said.textContent = text ? `${found.length || "No"} mode${found.length === 1 ? "" : "s"} of the ${browser.modes.length} listed here` : "";
      hits.replaceChildren(...found.slice(0, 12).map(([mode, k]) => {
        const item = make("li");
        const button = make("button", `${mode.mode}: ${name(mode)}`, { type: "button" });
        button.addEventListener("click", () => open(k));
        item.append(button);
        return item;
      }));
    });
    root.hidden = false;
    open(0);
  }

  function concept(root, found, moving, moments) {
    root.querySelectorAll("[data-plots]").forEach((plots) => { plots.hidden = false; });
    const plane = root.querySelector("[data-plane]");
    if (plane && found.plane) {
      const place = (axis, word, moment) =>
        found.plane[axis].step[moment] * found.plane[axis].columns[moment][word];
      const last = found.plane.across.columns.length - 1;
      const made = (moment) => {
        const line = { x: [], y: [] };
        for (const [a, b] of found.plane.pairs) {
          for (const word of [a, b]) {
            line.x.push(place("across", word, moment));
            line.y.push(place("up", word, moment));
          }
          line.x.push(null);
          line.y.push(null);
        }
        const side = (n) => {
          const words = [...new Set(found.plane.pairs.map((pair) => pair[n]))];
          return { words, x: words.map((w) => place("across", w, moment)), y: words.map((w) => place("up", w, moment)) };
        };
        const ends = [side(0), side(1)];
        return [
          { ...line, mode: "lines", hoverinfo: "skip", showlegend: false, line: { color: ink("--muted"), width: 1 } },
          ...ends.map(({ words, x, y }, n) => ({
            x, y, mode: narrow() || words.length > 40 ? "markers" : "markers+text", name: `${n ? "second" : "first"} words`,
            text: words.map((w) => literal(found.plane.words[w])), hoverinfo: "text", textposition: "top center",
            textfont: { size: 10, color: ink("--ink") },
            marker: { color: hue(n), size: 7, symbol: SYMBOLS[n] },
          })),
        ];
      };
      drawn(() => {
        const [x, y] = found.plane.reach.map(([least, most]) => {
          const spare = 0.12 * (most - least || 1);
          return [least - spare, most + spare];
        });
        Plotly.react(plane, made(moments ? moments.now : last), look(narrow() ? 340 : 430, {
          xaxis: { title: heading("along the mean difference of the pairs"), range: x },
          yaxis: { title: heading("widest direction across it"), range: y },
        }), CONFIG);
      });
      if (moments) {
        const tell = (moment) => {
          root.querySelector("[data-told]").textContent = told(moving, moment);
          root.querySelector("input[data-moment]").setAttribute("aria-valuetext", told(moving, moment));
        };
        tell(moments.now);
        moments.follow((moment) => {
          if (!root.open) return;
          const next = made(moment);
          Plotly.restyle(plane, { x: next.map((one) => one.x), y: next.map((one) => one.y) }, next.map((_, k) => k));
          tell(moment);
        });
      }
    }
    root.querySelectorAll("[data-over]").forEach((plot) => {
      const time = plot.dataset.over === "time";
      const numbers = time ? found.over_time : found.by_dimension;
      drawn(() => {
        Plotly.react(plot, [
          ...banded("common share", numbers.at, numbers.share, numbers.share_by_chance, hue(0)),
          ...(numbers.accuracy.length ? banded("analogy accuracy", numbers.at, numbers.accuracy, numbers.accuracy_by_chance, hue(1)) : []),
        ], look(310, {
          margin: { l: 44, r: 8, t: 56, b: 44 },
          title: { text: time ? "Over flow time" : "By number of leading columns", font: { size: 13 }, x: 0.02, y: 0.98 },
          xaxis: logarithmic(numbers.at[0] * 0.93, numbers.at[numbers.at.length - 1] * 1.07, time ? "flow time t" : "columns d"), yaxis: { range: [-0.1, 1.05] },
          shapes: time && moments ? marker(moving.times[moments.now]) : [],
        }), CONFIG);
      });
      if (time && moments) {
        moments.follow((moment) => root.open && Plotly.relayout(plot, { shapes: marker(moving.times[moment]) }));
      }
    });
  }

  // ---- several runs ---------------------------------------------------------------------------
  function together(root, comparison) {
    root.querySelector("[data-plots]").hidden = false;
    const family = root.querySelector("[data-family]");
    const fitted = (log, numbers, title, decades) => {
      const known = numbers.filter((number) => number !== null && (!log || number > 0));
      const [low, high] = [Math.min(...known), Math.max(...known)];
      return log ? logarithmic(decades ? high / 10 ** decades : low / 1.1, 1.3 * high, title) : { title: heading(title) };
    };
    root.querySelectorAll("[data-compared]").forEach((plot) => {
      const found = comparison[plot.dataset.compared];
      const draw = () => {
        const lines = found.lines.filter((line) => !line.family || line.family === family.value);
        const numbers = (name) => lines.flatMap((line) => line[name]);
        Plotly.react(plot, lines.map((line) => ({
          x: line.x, y: line.y, name: literal(line.name), mode: line.dots ? "markers" : "lines",
          showlegend: Boolean(line.legend), legendgroup: literal(line.name),
          text: line.x.map((x, k) => `${literal(line.said)}: ${shown(line.y[k])} at ${shown(x)}`), hoverinfo: "text",
          line: { color: line.dashed ? ink("--ink") : hue(line.colour), width: line.dashed ? 1.2 : 1.6, dash: line.dashed ? "dash" : "solid" },
          marker: { color: hue(line.colour), size: 5, symbol: "x-thin",
            line: { width: 1.5, color: hue(line.colour) } },
        })), look(380, {
          margin: { l: 56, r: 8, t: 34, b: 90 }, legend: { orientation: "h", y: -0.2, yanchor: "top", x: 0, font: { color: ink("--ink") } },
          title: { text: found.title, font: { size: 13 }, x: 0.02, y: 0.98 },
          xaxis: fitted(found.log[0], numbers("x"), found.across),
          yaxis: fitted(found.log[1], numbers("y"), found.up, found.decades),
        }), CONFIG);
      };
      if (plot.dataset.compared === "accuracy") {
        for (const name of new Set(found.lines.map((line) => line.family))) family.append(make("option", name));
        family.addEventListener("change", draw);
      }
      drawn(draw);
    });
  }

  // ---- begin ----------------------------------------------------------------------------------
  try {
    const [numbers, source] = await Promise.all(["packed-numbers", "packed-plotly"].map(unpacked));
    const script = document.createElement("script");
    script.textContent = source;
    document.head.append(script);
    const { runs, comparison } = JSON.parse(numbers);
    document.documentElement.classList.add("moves");
    if (comparison) together(document.querySelector("[data-together]"), comparison);
    runs.forEach((run, k) => {
      const picture = document.querySelector(`[data-moving="${k}"]`);
      const concepts = document.querySelector(`[data-concepts="${k}"]`);
      const browser = document.querySelector(`[data-browser="${k}"]`);
      const { moving } = run;
      let moments = null;
      let show = null;
      if (picture) {
        moments = new Moments(picture, moving.times.length - 1);
        const made = space(picture, moving, moments);
        show = (mode) => made.axis(mode);
      }
      if (browser) topics(browser, run.browser, show);
      if (concepts) {
        concepts.querySelectorAll("[data-concept]").forEach((page) => {
          const begin = () => {
            if (!page.open) return;
            page.removeEventListener("toggle", begin);
            if (moments) {
              for (const slider of page.querySelectorAll("[data-moment]")) {
                slider.value = moments.now;
                moments.sliders.push(slider);
                slider.addEventListener("input", () => moments.to(Number(slider.value)));
              }
            }
            concept(page, run.concepts[Number(page.dataset.concept)], moving, moments);
          };
          page.addEventListener("toggle", begin);
        });
      }
    });
    const again = () => drawers.forEach((draw) => draw());
    night.addEventListener("change", again);
    matchMedia("(max-width: 639px)").addEventListener("change", again);
    const cue = () => document.querySelectorAll(".scroll").forEach((box) => {
      box.toggleAttribute("data-wide", box.scrollWidth > box.clientWidth + 1);
    });
    cue();
    window.addEventListener("resize", cue);
    document.querySelectorAll("details").forEach((one) => one.addEventListener("toggle", cue));
    document.documentElement.dataset.ready = "yes";
  } catch (fault) {
    const place = document.getElementById("script-fault");
    place.hidden = false;
    place.textContent = `The moving pictures could not be drawn by this browser (${fault.message}); all numbers are below. A browser of 2023 or later draws them.`;
  }
})();
