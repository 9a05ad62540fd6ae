(() => {
  const script = document.currentScript;
  const { key, consent } = script.dataset;
  const url = `${new URL(script.src).origin}/v1/batch`;
  const read = (name) => {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null;
    }
  };
  const write = (name, value) => {
    try {
      localStorage.setItem(name, JSON.stringify(value));
    } catch {}
  };
  const refused = () => navigator.doNotTrack === "1" || navigator.globalPrivacyControl === true;
  const allowed = () => !refused() && (consent !== "required" ? read("leadedge-consent") !== false : read("leadedge-consent") === true);
  const setCookie = (value, age) => {
    const secure = isSecureContext ? ";Secure" : "";
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is not everywhere
    document.cookie = `_leadedge=${value};Path=/;Max-Age=${age};SameSite=Lax${secure}`;
  };
  const anonymousId = () => {
    const id = document.cookie.match(/(?:^|; )_leadedge=([\w-]+)/)?.[1] ?? crypto.randomUUID();
    setCookie(id, 31536e3);
    return id;
  };

  let queue = read("leadedge-queue") ?? [];
  let waiting = [];
  let busy = false;
  const keep = () => {
    queue = queue.slice(-100);
    write("leadedge-queue", queue);
  };
  const body = (batch) => JSON.stringify({ writeKey: key, batch, sentAt: new Date().toISOString() });

  async function flush() {
    if (busy || !queue.length || navigator.onLine === false) return;
    busy = true;
    const batch = queue.slice(0, 20);
    let done = false;
    try {
      const { status } = await fetch(url, { method: "POST", keepalive: true, credentials: "omit", body: body(batch) });
      done = status < 500 && status !== 429;
    } catch {}
    busy = false;
    if (!done) return;
    queue = queue.filter((call) => !batch.includes(call));
    keep();
    void flush();
  }

  function leave() {
    if (!busy && queue.length && navigator.onLine !== false && navigator.sendBeacon?.(url, body(queue.slice(0, 20)))) {
      queue = queue.slice(20);
      keep();
    }
  }

  function send(type, fields) {
    if (refused()) return;
    const call = { type, messageId: crypto.randomUUID(), timestamp: new Date().toISOString(), ...fields };
    if (!allowed()) {
      if (consent === "required" && read("leadedge-consent") === null) waiting = [...waiting, [call, context()]].slice(-100);
      return;
    }
    add(call, context());
    void flush();
  }

  const add = (call, seen) => {
    queue.push({ anonymousId: anonymousId(), userId: read("leadedge-user") ?? undefined, context: seen, ...call });
    keep();
  };

  function context() {
    const query = new URLSearchParams(location.search);
    const campaign = {};
    for (const [name, value] of query) if (name.startsWith("utm_")) campaign[name.slice(4).replace("campaign", "name")] = value;
    return { page: { path: location.pathname, url: location.href, title: document.title, referrer: document.referrer }, campaign };
  }

  let shown;
  function page() {
    const address = location.pathname + location.search;
    if (address === shown) return;
    shown = address;
    send("page", { properties: { path: location.pathname, title: document.title } });
  }

  document.addEventListener(
    "click",
    (event) => {
      const element = event.target.closest?.("[data-track]");
      if (element) api.track(element.dataset.track, { text: element.textContent.trim().slice(0, 100), href: element.href });
    },
    true,
  );
  document.addEventListener(
    "submit",
    ({ target: form }) => {
      if (form.dataset.track === "off") return;
      const traits = {};
      for (const [name, value] of new FormData(form)) {
        const { type } = form.elements[name] ?? {};
        if (typeof value === "string" && value && (type === "email" || type === "tel")) traits[type === "tel" ? "phone" : type] = value;
      }
      if (Object.keys(traits).length) api.identify(traits);
      api.track("Form Submitted", { form: form.id || form.name || form.getAttribute("action") || "" });
    },
    true,
  );
  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = function (...given) {
      original.apply(this, given);
      setTimeout(page);
    };
  }
  addEventListener("popstate", page);
  addEventListener("online", flush);
  addEventListener("pagehide", leave);

  const api = {
    track: (event, properties = {}) => send("track", { event, properties }),
    identify: (user, traits) => {
      const [userId, stated] = typeof user === "object" ? [undefined, user] : [user, traits];
      if (userId && allowed()) write("leadedge-user", userId);
      send("identify", { ...(userId ? { userId } : {}), traits: stated ?? {} });
    },
    consent: (given) => {
      write("leadedge-consent", given);
      const calls = waiting;
      waiting = [];
      if (allowed()) for (const [call, seen] of calls) add(call, seen);
      else {
        queue = [];
        keep();
        setCookie("", 0);
        write("leadedge-user", null);
      }
      void flush();
    },
  };
  window.leadedge = api;
  page();
  void flush();
})();
