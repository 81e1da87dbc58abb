// Measures a page view and sends one beacon when the page is hidden.
// <script src="/monitoring/vitals.js" data-route="/orders/{id}" defer></script>
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script || !window.PerformanceObserver || !navigator.sendBeacon) return;
  if (Math.random() >= SAMPLE_RATE) return;

  var values = {}; // by vital, in ms (CLS: none)
  var targets = {};
  var sent = false;
  // A page that was hidden before it painted says nothing of what its visitor felt.
  var hiddenAt = document.visibilityState === "hidden" ? 0 : Infinity;
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") hiddenAt = Math.min(hiddenAt, performance.now());
  }, true);

  var observers = [];
  function observe(type, options, each) {
    if (PerformanceObserver.supportedEntryTypes.indexOf(type) < 0) return;
    var observer = new PerformanceObserver(function (list) { list.getEntries().forEach(each); });
    observer.observe(Object.assign({ type: type, buffered: true }, options));
    observers.push([observer, each]);
  }

  function selector(node) {
    if (!node || node.nodeType !== 1) return "";
    if (node.id) return "#" + node.id;
    var name = node.nodeName.toLowerCase();
    return node.classList.length ? name + "." + node.classList[0] : name;
  }

  var nav = performance.getEntriesByType("navigation")[0];
  var start = (nav && nav.activationStart) || 0;

  observe("paint", {}, function (e) {
    if (e.name === "first-contentful-paint" && e.startTime < hiddenAt) values.FCP = Math.max(0, e.startTime - start);
  });
  observe("largest-contentful-paint", {}, function (e) {
    if (e.startTime < hiddenAt) {
      values.LCP = Math.max(0, e.startTime - start);
      targets.LCP = selector(e.element);
    }
  });
  observe("first-input", {}, function (e) {
    if (e.startTime < hiddenAt) values.FID = Math.max(0, e.processingStart - e.startTime);
  });

  // Layout shifts count in windows of at most 5 s with gaps under 1 s; the worst window is the value.
  var shift = 0, first = 0, last = 0;
  if (PerformanceObserver.supportedEntryTypes.indexOf("layout-shift") >= 0) values.CLS = 0;
  observe("layout-shift", {}, function (e) {
    if (e.hadRecentInput) return;
    if (shift && e.startTime - last < 1000 && e.startTime - first < 5000) shift += e.value;
    else { shift = e.value; first = e.startTime; }
    last = e.startTime;
    if (shift > values.CLS) {
      values.CLS = shift;
      targets.CLS = selector(e.sources && e.sources[0] && e.sources[0].node);
    }
  });

  // The longest interaction, one in 50 of the longest forgiven.
  var interactions = {};
  observe("event", { durationThreshold: 16 }, function (e) {
    if (!e.interactionId) return;
    var known = interactions[e.interactionId];
    if (!known || e.duration > known.duration) interactions[e.interactionId] = { duration: e.duration, target: selector(e.target) };
  });
  function inp() {
    var longest = Object.keys(interactions).map(function (id) { return interactions[id]; });
    if (!longest.length) return;
    longest.sort(function (a, b) { return b.duration - a.duration; });
    var total = performance.interactionCount || longest.length;
    var chosen = longest[Math.min(longest.length - 1, Math.floor(total / 50))];
    values.INP = chosen.duration;
    targets.INP = chosen.target;
  }

  function device() {
    var hints = navigator.userAgentData;
    if (hints ? hints.mobile : /Mobi/.test(navigator.userAgent)) return "mobile";
    return /iPad|Tablet/.test(navigator.userAgent) ? "tablet" : "desktop";
  }

  function send() {
    if (sent) return;
    observers.forEach(function (o) { o[0].takeRecords().forEach(o[1]); });
    inp();
    if (nav && nav.responseStart > 0) values.TTFB = Math.max(0, nav.responseStart - start);
    var vitals = Object.keys(values).map(function (name) {
      return { id: name + "-" + Math.round(performance.timeOrigin), name: name, value: values[name], target: targets[name] || "" };
    });
    var load = nav && nav.loadEventStart > 0 && hiddenAt > nav.loadEventStart ? nav.loadEventStart - start : 0;
    if (!vitals.length && !load) return;
    sent = true;
    navigator.sendBeacon(new URL("beacon", script.src), JSON.stringify({
      v: 1,
      route: script.dataset.route || location.pathname,
      device: device(),
      connection: (navigator.connection && navigator.connection.effectiveType) || "",
      navigation: (nav && nav.type) || "",
      load: load,
      vitals: vitals,
      marks: performance.getEntriesByType("measure").slice(0, 32).filter(function (m) {
        return /^[\w.\/-]{1,64}$/.test(m.name);
      }).map(function (m) { return { name: m.name, value: m.duration }; })
    }));
  }
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") send(); });
})();
