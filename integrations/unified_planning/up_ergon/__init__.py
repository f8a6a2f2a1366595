"""Ergon's planner as an engine of unified-planning: one process of `ergon plan` a call.

>>> import up_ergon
>>> up_ergon.register()
>>> from unified_planning.shortcuts import OneshotPlanner
>>> with OneshotPlanner(name="ergon") as planner:  # doctest: +SKIP
...     result = planner.solve(problem)
"""

import os
import shutil

import unified_planning as up
from unified_planning.engines import Credits, OptimalityGuarantee, PDDLAnytimePlanner
from unified_planning.engines import PlanGenerationResultStatus as Status
from unified_planning.model import ProblemKind

__all__ = ["ErgonEngine", "ErgonOptimalEngine", "register"]

CREDITS = Credits(
    name="Ergon",
    author="the authors of Ergon",
    contact="",
    website="",
    license="MIT OR Apache-2.0",
    short_description="Classical planning for robot tasks, in Rust.",
    long_description="PDDL to plan in one small process: grounding by joins, informed search, validated plans.",
)

# Exit codes of `ergon plan`, which are Fast Downward's; see `ergon plan --help`.
SOLVED = (0, 1, 2)
PROVEN = (10, 11)
GAVE_UP = (12,)
OUT_OF_MEMORY = (20, 22)
OUT_OF_TIME = (21, 23)
UNSUPPORTED = (34,)


def program() -> str:
    """The `ergon` program: the environment variable ERGON, or what the shell would find."""
    found = os.environ.get("ERGON") or shutil.which("ergon")
    if not found:
        raise FileNotFoundError("no program `ergon`: put it on the PATH or name it in the variable ERGON")
    return found


class ErgonEngine(PDDLAnytimePlanner):
    """Finds a plan, or better and better ones as an anytime planner."""

    SEARCH = "auto"
    ANYTIME_SEARCH = "anytime"

    def __init__(self, search: str | None = None):
        """`search` is a name that `ergon plan --search` knows."""
        super().__init__()
        self._search = search or self.SEARCH

    @property
    def name(self) -> str:
        return "ergon"

    def _command(self, domain: str, problem: str, search: str) -> list[str]:
        # The planner must not outlive the program that asked it.
        return [program(), "plan", domain, problem, "--search", search, "--die-with-parent"]

    def _get_cmd(self, domain_filename: str, problem_filename: str, plan_filename: str) -> list[str]:
        return self._command(domain_filename, problem_filename, self._search) + ["--plan-file", plan_filename]

    def _get_anytime_cmd(self, domain_filename: str, problem_filename: str, plan_filename: str) -> list[str]:
        return self._command(domain_filename, problem_filename, self.ANYTIME_SEARCH)

    # Each plan of an anytime search is on standard output between these lines, a step a line.
    def _starting_plan_str(self) -> str:
        return "; plan "

    def _ending_plan_str(self) -> str:
        return "; cost = "

    def _skip_plan_line(self, plan_line: str) -> bool:
        # What goes to standard error for people comes in between.
        return not plan_line.startswith("(")

    def _parse_plan_line(self, plan_line: str) -> str:
        return plan_line

    def _result_status(self, problem, plan, retval=0, log_messages=None) -> Status:
        if retval in SOLVED:
            optimal = retval == 0 and self.satisfies(OptimalityGuarantee.SOLVED_OPTIMALLY)
            return Status.SOLVED_OPTIMALLY if optimal else Status.SOLVED_SATISFICING
        if retval in PROVEN:
            return Status.UNSOLVABLE_PROVEN
        if retval in GAVE_UP:
            return Status.UNSOLVABLE_INCOMPLETELY
        if retval in OUT_OF_TIME:
            return Status.TIMEOUT
        if retval in OUT_OF_MEMORY:
            return Status.MEMOUT
        if retval in UNSUPPORTED:
            return Status.UNSUPPORTED_PROBLEM
        return Status.INTERNAL_ERROR

    @staticmethod
    def satisfies(optimality_guarantee: OptimalityGuarantee) -> bool:
        return optimality_guarantee == OptimalityGuarantee.SATISFICING

    @staticmethod
    def ensures(anytime_guarantee) -> bool:
        return anytime_guarantee == up.engines.AnytimeGuarantee.INCREASING_QUALITY

    @staticmethod
    def supported_kind() -> ProblemKind:
        kind = ProblemKind(version=2)
        kind.set_problem_class("ACTION_BASED")
        kind.set_typing("FLAT_TYPING")
        kind.set_typing("HIERARCHICAL_TYPING")
        for condition in SUPPORTED_CONDITIONS:
            kind.set_conditions_kind(condition)
        for effect in SUPPORTED_EFFECTS:
            kind.set_effects_kind(effect)
        for quality in SUPPORTED_QUALITY:
            kind.set_quality_metrics(quality)
        return kind

    @staticmethod
    def supports(problem_kind: ProblemKind) -> bool:
        return problem_kind <= ErgonEngine.supported_kind()

    @staticmethod
    def get_credits(**kwargs):
        return CREDITS


class ErgonOptimalEngine(ErgonEngine):
    """Finds a plan of least cost."""

    SEARCH = "auto"

    @property
    def name(self) -> str:
        return "ergon-opt"

    @staticmethod
    def satisfies(optimality_guarantee: OptimalityGuarantee) -> bool:
        return True


# What the planner's reader and search know, in unified-planning's words.
SUPPORTED_CONDITIONS = ("NEGATIVE_CONDITIONS", "EQUALITIES")
SUPPORTED_EFFECTS: tuple[str, ...] = ()
SUPPORTED_QUALITY = ("PLAN_LENGTH",)


def register(environment=None) -> None:
    """Makes the engines known as `ergon` and `ergon-opt`."""
    factory = (environment or up.environment.get_environment()).factory
    factory.add_engine("ergon", "up_ergon", "ErgonEngine")
    factory.add_engine("ergon-opt", "up_ergon", "ErgonOptimalEngine")
