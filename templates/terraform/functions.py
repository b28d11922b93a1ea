"""All functions that are evaluated; any other gives an unknown that names it.

Source: https://developer.hashicorp.com/terraform/language/functions
"""

from collections.abc import Mapping

from templates.terraform.collection_functions import COLLECTION_FUNCTIONS
from templates.terraform.function import Function
from templates.terraform.text_functions import TEXT_FUNCTIONS

FUNCTIONS: Mapping[str, Function] = {**COLLECTION_FUNCTIONS, **TEXT_FUNCTIONS}
