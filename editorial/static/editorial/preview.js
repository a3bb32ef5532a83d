/* The editor's live parts: preview, checks and the citation picker. Everything here shortens a path that the form's own
   buttons also take: the server renders, and nothing is saved but the key of a work that is cited. */
(() => {
  "use strict";
  const form = document.getElementById("editor");
  const text = document.getElementById("id_source");
  if (!form || !text) return;

  const WAIT = 600;
  const part = (name) => form.querySelector(`[data-part="${name}"]`);
  const say = (place, words) => { const line = form.querySelector(place); if (line) line.textContent = words; };
  const later = (act, wait) => { let timer = 0; return () => { clearTimeout(timer); timer = setTimeout(act, wait); }; };
  const parse = (html) => new DOMParser().parseFromString(html, "text/html");
  const NEWS = "[data-live-status]";
  const SEARCH = "[data-search-status]";

  /* ---- Preview and checks: the newest answer wins, and what stands there stays until it comes. */

  let asked = 0;

  async function refresh() {
    const number = ++asked;
    const slow = setTimeout(() => say(NEWS, "Updating the preview"), 400);
    try {
      const answer = await fetch(form.dataset.live, { method: "POST", body: typed(), credentials: "same-origin", redirect: "error" });
      const html = await answer.text();
      if (number !== asked) return;
      if (answer.ok) take(html);
      say(NEWS, answer.ok ? "" : answer.status === 422 ? html : "The preview could not be updated. Your text is unchanged; save it, or try again.");
    } catch {
      if (number === asked) say(NEWS, "The preview could not be updated. Your text is unchanged; save it, or try again.");
    } finally {
      clearTimeout(slow);
    }
  }

  function typed() {
    const sent = new FormData();
    for (const name of ["csrfmiddlewaretoken", "draft_number", "source"]) sent.append(name, form.elements[name].value);
    return sent;
  }

  function take(html) {
    for (const made of parse(html).querySelectorAll("[data-part]")) {
      const old = part(made.dataset.part);
      if (old && !isInUse(old)) old.replaceChildren(...made.childNodes);
    }
  }

  const isInUse = (old) => old.contains(document.activeElement) || [...old.querySelectorAll("input")].some((input) => input.value !== input.defaultValue);

  const soon = later(refresh, WAIT);
  text.addEventListener("input", soon);
  const look = form.querySelector("[data-look]");
  if (look) look.hidden = true;

  /* ---- The place of a finding: the line is marked and comes into view. */

  function goTo(line) {
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[line - 1] || "").length);
    const height = text.scrollHeight / Math.max(lines.length, 1);
    text.scrollTop = Math.max(0, height * (line - 1) - text.clientHeight / 3);
  }

  form.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    goTo(Number(link.dataset.line));
  });
  if (text.dataset.line) goTo(Number(text.dataset.line));

  /* ---- The citation picker. */

  const q = document.getElementById("id_q");
  let searched = 0;

  async function search() {
    const number = ++searched;
    const words = q.value.trim();
    if (!words) { part("found").replaceChildren(); say(SEARCH, ""); return; }
    try {
      const answer = await fetch(`${form.dataset.search}?q=${encodeURIComponent(words)}`, { credentials: "same-origin", redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (number !== searched) return;
      part("found").replaceChildren(...parse(html).body.childNodes);
      const found = part("found").querySelectorAll("button").length;
      say(SEARCH, found === 1 ? "1 work found" : `${found} works found`);
    } catch {
      if (number === searched) say(SEARCH, "The search is not working just now.");
    }
  }

  if (q) {
    q.addEventListener("input", later(search, 300));
    q.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); search(); } });
    const find = form.querySelector("[data-find]");
    find.addEventListener("click", (event) => { event.preventDefault(); search(); });
  }

  function insert(key) {
    const at = text.selectionEnd;
    const before = text.value.slice(0, at);
    const open = before.lastIndexOf("[@");
    const isWithin = open >= 0 && !before.slice(open).includes("]") && text.value.slice(at).match(/^[^[\]\n]*\]/);
    const words = isWithin ? `; @${key}` : `[@${key}]`;
    text.focus();
    text.setSelectionRange(at, at);
    if (!document.execCommand("insertText", false, words)) {
      text.setRangeText(words, at, at, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
    say(SEARCH, `[@${key}] was inserted.`);
  }

  async function cite(button) {
    const sent = new FormData();
    sent.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    sent.append("reference", button.dataset.citeWork);
    try {
      const answer = await fetch(form.dataset.cite, { method: "POST", body: sent, credentials: "same-origin", redirect: "error", headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      insert((await answer.json()).key);
      refresh();
    } catch {
      say(SEARCH, "The work could not be cited. Your text is unchanged; try again.");
    }
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-insert], button[data-cite-work]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.insert) insert(button.dataset.insert);
    else cite(button);
  });
})();
