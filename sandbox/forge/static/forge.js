"use strict";
// Times in the reader's own zone; the server writes UTC.
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.valueOf())) {
    time.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    time.title = time.dateTime;
  }
}
// Remember who acts, from page to page.
for (const select of document.querySelectorAll("select[name=by]")) {
  const known = sessionStorage.getItem("by");
  if (known && [...select.options].some((option) => option.value === known)) select.value = known;
  select.addEventListener("change", () => sessionStorage.setItem("by", select.value));
}
