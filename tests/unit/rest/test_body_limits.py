"""How large a body may be at an address: documents have their own limit wherever a page or the API takes one."""

import pytest

from exchange.infra.settings import settings
from exchange.rest.body import FRAME_BYTES, limit_of

FORM = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/documents",
        "/api/v1/documents/doc_1/versions",
        "/listings/lst_1/diligence/papers",
        "/account/papers",
        "/engagements/eng_1/deliver",
        "/deals/dea_1/obligations/obl_1/fulfil",
    ],
)
def test_a_form_with_a_document_may_be_as_large_as_a_document(path: str) -> None:
    assert limit_of(path, FORM) == settings().max_document_bytes + FRAME_BYTES
    assert limit_of(path, "application/json") == settings().max_body_bytes


@pytest.mark.parametrize("path", ["/engagements/eng_1/quote", "/engagements/eng_1/deliver/more", "/engagements"])
def test_other_forms_of_an_engagement_keep_the_common_limit(path: str) -> None:
    assert limit_of(path, FORM) == settings().max_upload_bytes
