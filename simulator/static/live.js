// News of the simulator: one stream while the page is looked at; asking every two seconds where there is none.

const EVERYTHING = { messages: NaN, mails: NaN, rings: NaN, calls: NaN, results: NaN, crowd: NaN };
const ASK_AGAIN = 2000;
const TRY_STREAM_AGAIN = 15000;

export function listen(onNews, onGone) {
  let known = {};
  let stream = null;
  let timer = null;

  const hear = (counts) => {
    const fresh = Object.keys(counts).filter((name) => counts[name] !== known[name]);
    known = counts;
    if (fresh.length) onNews(fresh);
  };

  const start = () => {
    stop();
    stream = new EventSource("/events");
    stream.onopen = () => (known = {});
    stream.onmessage = (event) => hear(JSON.parse(event.data));
    stream.onerror = () => {
      if (stream.readyState === EventSource.CLOSED) askInstead();
      else onGone();
    };
  };

  const askInstead = () => {
    stop();
    const until = Date.now() + TRY_STREAM_AGAIN;
    timer = setInterval(() => (Date.now() > until ? start() : hear(EVERYTHING)), ASK_AGAIN);
    hear(EVERYTHING);
  };

  const stop = () => {
    stream?.close();
    clearInterval(timer);
  };

  // a page that nobody looks at holds no stream and asks nothing
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  start();
}
