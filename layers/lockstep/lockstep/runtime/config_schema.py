"""Writes the JSON Schema of sources and routes, so that editors complete and check them: `python -m` this module."""

import json
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from lockstep.domain.routes import Route
from lockstep.domain.sources import Source
from lockstep.runtime.config_files import CONFIG_PACKAGE

_MODEL_BY_STEM: Mapping[str, type[BaseModel]] = {"source": Source, "route": Route}


def schema_texts() -> Mapping[str, str]:
    """Return the text of each schema by its file's name."""
    return {f"{stem}.schema.json": _text(model.model_json_schema()) for stem, model in _MODEL_BY_STEM.items()}


def schema_folder() -> Path:
    """Return where the schemas are kept: beside the configuration, not in the layer that is deployed."""
    return Path(str(resources.files(CONFIG_PACKAGE))).parent / "schemas"


def main() -> int:
    """Write every schema."""
    folder = schema_folder()
    folder.mkdir(exist_ok=True)
    for name, text in schema_texts().items():
        (folder / name).write_text(text, encoding="utf-8")
        print(f"{folder.name}/{name}")  # noqa: T201
    return 0


def _text(schema: dict[str, Any]) -> str:
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
