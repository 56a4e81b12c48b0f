// Saves what was typed as marks.csv; warns before it would be lost.
"use strict";
const inputs = [...document.querySelectorAll(".marks [name]")];
let saved = inputs.map((input) => input.value).join();
const cell = (text) => '"' + text.replaceAll('"', '""') + '"';

document.getElementById("save").addEventListener("click", () => {
  const lines = ["assignment,student,question,score,comment"];
  for (const student of document.querySelectorAll(".marks")) {
    for (const row of student.querySelectorAll("[data-question]")) {
      const score = row.querySelector("[name^=score]"), comment = row.querySelector("[name^=comment]");
      if (!score.reportValidity()) return;
      if (score.value === "" && comment.value === "") continue;
      lines.push([student.dataset.assignment, student.dataset.student, row.dataset.question,
        score.value, comment.value].map(cell).join());
    }
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
  link.download = "marks.csv";
  link.click();
  saved = inputs.map((input) => input.value).join();
});
addEventListener("beforeunload", (event) => {
  if (saved !== inputs.map((input) => input.value).join()) event.preventDefault();
});
