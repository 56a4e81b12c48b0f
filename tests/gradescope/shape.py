"""Gradescope's results.json, as its documentation describes it; anything else is refused."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

Format = Literal["text", "html", "simple_format", "md", "ansi"]
Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Test(_Strict):
    score: float | int | None = None
    max_score: float | int | None = None
    status: Literal["passed", "failed"] | None = None
    name: str | None = None
    name_format: Format | None = None
    number: str | None = None
    output: str | None = None
    output_format: Format | None = None
    tags: list[str] | None = None
    visibility: Visibility | None = None
    extra_data: dict[str, Any] | None = None


class Results(_Strict):
    score: float | int | None = None
    execution_time: float | int | None = None
    output: str | None = None
    output_format: Format | None = None
    test_output_format: Format | None = None
    test_name_format: Format | None = None
    visibility: Visibility | None = None
    stdout_visibility: Visibility | None = None
    extra_data: dict[str, Any] | None = None
    tests: list[Test] | None = None
    leaderboard: list[dict[str, Any]] | None = None

    @model_validator(mode="after")
    def has_a_score(self) -> "Results":
        """One of the two is required."""
        if self.score is None and not any(t.score is not None for t in self.tests or []):
            raise ValueError("neither a score nor a test with one")
        return self
