// The desk works without this. With it: errors get the focus, selected words fill in a quote, answers are kept as they are given,
// and typed words are not lost by leaving.
"use strict";
{
  let isDirty = false;
  const problems = document.querySelector("[data-focus]");
  if (problems) problems.focus();

  // ---- Selected words of a passage go into its comment form: the words, and a little of what stands around them

  const PASSAGE = "p[id], li[id], tr[id], pre[id], h2[id], h3[id], h4[id], h5[id], h6[id]";
  const AROUND = 80;
  const onSelection = document.querySelector("[data-comment-selection]");
  let chosen = null;

  document.addEventListener("selectionchange", () => {
    const found = selected();
    if (!found) return;
    const form = found.passage.closest("[data-piece]").querySelector("form");
    const quote = form && form.querySelector("[data-quote]");
    chosen = form;
    if (onSelection && form) {
      onSelection.textContent = onSelection.dataset.commentSelection.replace("{}", found.quote.length > 30 ? `${found.quote.slice(0, 30).trim()}…` : found.quote);
      onSelection.hidden = false; // it stays: on the way to it by keyboard the selection may go
    }
    if (!quote || quote.dataset.typed === "yes") return;
    quote.value = found.quote;
    form.querySelector("[data-before]").value = found.before;
    form.querySelector("[data-after]").value = found.after;
    if (form.elements.block) form.elements.block.value = found.passage.id;
  });

  // What is selected in one passage; of a selection over several, what stands in the first of them.
  function selected() {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0).cloneRange();
    const start = range.startContainer.nodeType === Node.TEXT_NODE ? range.startContainer.parentElement : range.startContainer;
    const passage = start.closest(PASSAGE);
    if (!passage || !passage.closest("[data-passage]")) return null;
    if (!passage.contains(range.endContainer)) range.setEnd(passage, passage.childNodes.length);
    const quote = wordsOf(range).slice(0, 2000);
    if (!quote) return null;
    const before = document.createRange();
    before.setStart(passage, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const after = document.createRange();
    after.setStart(range.endContainer, range.endOffset);
    after.setEnd(passage, passage.childNodes.length);
    return { passage, quote, before: wordsOf(before).slice(-AROUND), after: wordsOf(after).slice(0, AROUND) };
  }

  // The words alone, as the server reads them: numbers of citations and passages inside this one are none of it.
  function wordsOf(range) {
    const part = range.cloneContents();
    part.querySelectorAll(`.cite, .vh, .cite-flag, ${PASSAGE}`).forEach((mark) => mark.remove());
    part.querySelectorAll("br, td, th").forEach((gap) => gap.before(" "));
    part.querySelectorAll("sup").forEach((raised) => {
      if (/\d$/.test(raised.previousSibling ? raised.previousSibling.textContent : "")) raised.before("^");
    });
    return part.textContent.replace(/\s+/g, " ").trim();
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-quote]")) event.target.dataset.typed = event.target.value ? "yes" : "";
  });

  if (onSelection) {
    onSelection.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
    onSelection.addEventListener("click", () => {
      if (!chosen) return;
      chosen.closest("details").open = true;
      chosen.querySelector("textarea[name=text]").focus();
      onSelection.hidden = true;
    });
  }

  // ---- Answers about references are kept as they are given

  const form = document.getElementById("review-form");
  const counts = document.querySelectorAll("[data-answered], [data-answered-here]");
  const notSaved = document.querySelector("[data-not-saved]");
  const unsaved = new Set();
  if (form && form.dataset.answers && notSaved) {
    document.addEventListener("change", async (event) => {
      if (!event.target.name || !event.target.name.startsWith("answer-")) return;
      const sent = new FormData();
      sent.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      document.querySelectorAll("input[name^='answer-']:checked").forEach((each) => {
        if (each === event.target || unsaved.has(each.name)) sent.set(each.name, each.value);
      });
      try {
        const answer = await fetch(form.dataset.answers, { method: "POST", body: sent, headers: { Accept: "application/json" }, credentials: "same-origin" });
        const found = await answer.json();
        if (!answer.ok || !Number.isInteger(found.answered)) throw new Error("not saved"); // the page to sign in answers as well
        sayAnswered(found.answered);
        sent.forEach((_, name) => unsaved.delete(name));
      } catch {
        unsaved.add(event.target.name); // it stays on the screen; the next answer and "Save answers" send it again
      }
      notSaved.textContent = unsaved.size ? notSaved.dataset.notSaved : "";
    });
  }

  // The count in the bar, and what stands before the signature: it goes when all are answered.
  function sayAnswered(number) {
    counts.forEach((count) => { count.textContent = number; });
    document.querySelectorAll("[data-open]").forEach((open) => { open.hidden = number >= Number(open.dataset.open); });
  }

  // ---- What is typed in one form of a review stays when another one is sent: this browser holds it until the page is shown again

  const FIELDS = "textarea, select, input:not([type=hidden], [type=password]), [data-before], [data-after]";
  const place = form && form.dataset.answers;
  if (place) {
    document.querySelectorAll("[data-without-scripts]").forEach((hint) => { hint.hidden = true; });
    try {
      putBack(JSON.parse(sessionStorage.getItem(place) || "[]"));
      sessionStorage.removeItem(place);
    } catch { /* A browser that holds nothing for us shows the page as it was sent. */ }
    document.addEventListener("submit", (event) => {
      if (!event.target.closest("main, .bar")) return;
      const others = [...document.querySelectorAll(FIELDS)].filter((field) => field.form && field.form !== event.target);
      const typed = others.filter((field) => isTyped(field) && isBegun(field.form));
      try {
        sessionStorage.setItem(place, JSON.stringify(typed.map((field) => [address(field), isChoice(field) ? field.checked : field.value])));
      } catch { /* As above. */ }
    });
  }

  function putBack(typed) {
    for (const [at, value] of typed) {
      const field = document.querySelector(at);
      if (!field) continue;
      if (isChoice(field)) field.checked = value; else field.value = value;
      if (field.matches("[data-quote]")) field.dataset.typed = value ? "yes" : "";
      if (field.checked && field.name.startsWith("answer-")) field.dispatchEvent(new Event("change", { bubbles: true })); // it may not be saved yet
      const folded = field.closest("details");
      if (folded) folded.open = true;
      isDirty = true;
    }
  }

  // Whether somebody writes a comment in a form: selected words alone fill in its quote, also where nothing is to be said about them.
  function isBegun(other) {
    const quote = other.querySelector("[data-quote]");
    return !quote || quote.dataset.typed === "yes" || other.elements.text.value.trim() !== "";
  }

  function isChoice(field) { return field.type === "radio" || field.type === "checkbox"; }

  function isTyped(field) {
    if (isChoice(field)) return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected);
    return field.value !== field.defaultValue;
  }

  // The id of a field; an answer about a reference is known by its name and value.
  function address(field) {
    return field.id ? `#${CSS.escape(field.id)}` : `[name="${CSS.escape(field.name)}"][value="${CSS.escape(field.value)}"]`;
  }

  // ---- The button says how many are chosen

  const button = document.querySelector("[data-count]");
  if (button) {
    const boxes = [...document.querySelectorAll(`input[name="${button.dataset.count}"][type="checkbox"]`)];
    const words = button.textContent;
    const say = () => {
      const number = boxes.filter((box) => box.checked).length;
      button.textContent = number === 0 ? words : number === 1 ? button.dataset.one : button.dataset.many.replace("{}", number);
    };
    boxes.forEach((box) => box.addEventListener("change", say));
    say();
  }

  // ---- Typed words are not lost by leaving

  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea")) isDirty = true;
  });
  document.addEventListener("submit", () => { isDirty = false; });
  window.addEventListener("beforeunload", (event) => {
    if (isDirty) event.preventDefault();
  });
}
