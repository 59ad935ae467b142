"""Refusals about valuations."""

from typing import ClassVar

from exchange.core.errors import Invalid, NotFound, Refused


class ValuationNotFound(NotFound):
    """No such valuation."""

    code: ClassVar[str] = "VALUATION_NOT_FOUND"


class ValuationInvalid(Invalid):
    """A request that cannot be; ``fields`` says why."""

    code: ClassVar[str] = "VALUATION_INVALID"


class ValuationNotComputed(Refused):
    """The valuation was asked for, but its figures are not there yet."""

    code: ClassVar[str] = "VALUATION_NOT_COMPUTED"
    retryable: ClassVar[bool] = True


class ScenarioNotFound(NotFound):
    """No such scenario, or not of the caller's organisation."""

    code: ClassVar[str] = "SCENARIO_NOT_FOUND"


class ScenarioInvalid(Invalid):
    """Own assumptions that do not make a scenario; ``fields`` says why."""

    code: ClassVar[str] = "SCENARIO_INVALID"


class WeightsInvalid(Invalid):
    """Weights that do not make a figure; ``fields`` says why."""

    code: ClassVar[str] = "WEIGHTS_INVALID"


class AppraisalNotFound(NotFound):
    """No such appraisal, or not the caller's to see."""

    code: ClassVar[str] = "APPRAISAL_NOT_FOUND"


class AppraisalInvalid(Invalid):
    """An appraisal that cannot be; ``fields`` says why."""

    code: ClassVar[str] = "APPRAISAL_INVALID"


class AppraisalFiled(Refused):
    """The appraisal was filed before."""

    code: ClassVar[str] = "APPRAISAL_FILED"


class AppraisalExpired(Refused):
    """An appraisal that is no longer valid is not filed."""

    code: ClassVar[str] = "APPRAISAL_EXPIRED"


class ParametersInvalid(Invalid):
    """Figures of a market that cannot be; ``fields`` says which and why."""

    code: ClassVar[str] = "VALUATION_PARAMETERS_INVALID"


class ParameterProposalNotFound(NotFound):
    """No such proposal of figures."""

    code: ClassVar[str] = "PARAMETER_PROPOSAL_NOT_FOUND"


class RevaluationNotFound(NotFound):
    """No such revaluation."""

    code: ClassVar[str] = "REVALUATION_NOT_FOUND"


class NothingToRevalue(Refused):
    """There is no fund to value."""

    code: ClassVar[str] = "NOTHING_TO_REVALUE"
