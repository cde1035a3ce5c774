"""Config: every setting in one frozen object; defaults < rag.toml < RAG_* < arguments."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import pydantic_settings
from platformdirs import user_cache_path
from pydantic import AfterValidator, Field, StringConstraints, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from rag.errors import SettingsError, reason

SETTINGS_FILE: Final = "rag.toml"


UserPath = Annotated[Path, AfterValidator(Path.expanduser)]  # «~» is the person's own folder
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
ModelName = Annotated[Name, StringConstraints(max_length=200)]
# As Ollama reads them: «90s», «1h30m»; a number alone is seconds, less than none is for ever.
Duration = Annotated[
    str,
    Field(coerce_numbers_to_str=True),
    StringConstraints(
        strip_whitespace=True, pattern=r"^[+-]?(\d+|(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)$"
    ),
]


class Settings(BaseSettings):
    """What can be changed without changing the program.

    Every field is also an environment variable (``RAG_INDEX_DIR`` …) and a key of ``rag.toml``.
    """

    model_config = SettingsConfigDict(
        env_prefix="RAG_",
        env_ignore_empty=True,
        toml_file=SETTINGS_FILE,
        frozen=True,
        extra="forbid",
    )

    index_dir: UserPath = Path("index")
    cache_dir: UserPath = Field(default_factory=lambda: user_cache_path("rag", appauthor=False))
    default_paths: tuple[UserPath, ...] = (Path("seeds"),)  # what an empty index begins with
    uploads_dir: UserPath = Path("documentos")  # where the page puts what is sent to it
    max_upload_mebibytes: int = Field(default=100, ge=1, le=1024)  # of one file
    max_uploads_mebibytes: int = Field(default=10_240, ge=1)  # of all that the folder holds

    embedding_model: Name = "bundled:multilingual-e5-small"
    embedding_precision: Literal["auto", "float32", "bfloat16"] = "auto"
    max_chunk_tokens: int = Field(default=400, ge=32, le=8192)  # bench/README.md, table 1

    reranker: Name | None = None  # a CrossEncoder: a folder, or an id in the local hub cache

    max_question_chars: int = Field(default=2000, ge=1)  # about the 512 tokens that are searched
    max_evidence: int = Field(default=5, ge=1, le=50)
    # Below this estimated probability the documents do not say. bench/README.md, table 4.
    min_confidence: float = Field(default=0.15, ge=0, le=1, allow_inf_nan=False)

    # What becomes of a sentence of the answer that no evidence says.
    unsupported: Literal["drop", "mark"] = "drop"

    model: ModelName = "auto"
    ollama_model: ModelName = "qwen3:4b"
    ollama_host: str | None = None
    context_tokens: int = Field(default=8192, ge=1024)
    keep_alive: Duration = "5m"
    timeout_seconds: float = Field(default=300.0, gt=0, allow_inf_nan=False)
    think: bool = False
    adapter: bool = True
    prompts_dir: UserPath | None = None  # templates that take the place of those in prompts/

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


class _Chosen(Settings):
    """Settings that are those of another but for some: nothing else is read again."""

    model_config = SettingsConfigDict(toml_file=None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


# pydantic's messages are in English; these are the ones our fields can give.
_PROBLEMS: Final = {
    "extra_forbidden": "no existe",
    "int_parsing": "debe ser un número entero",
    "float_parsing": "debe ser un número",
    "bool_parsing": "debe ser true o false",
    "greater_than": "debe ser mayor que {gt:g}",
    "greater_than_equal": "debe ser {ge:g} o más",
    "less_than_equal": "debe ser {le:g} o menos",
    "literal_error": "debe ser {expected}",
    "string_type": "debe ser un texto",
    "string_too_short": "está vacío: dale un valor o quítalo",
    "string_too_long": "es demasiado largo: {max_length} caracteres como mucho",
    "string_pattern_mismatch": "debe ser una duración como 90s o 5m, o -1 para siempre",
    "finite_number": "debe ser un número",
}


def _in_spanish(value: Any) -> Any:
    """Put the one English word of pydantic's lists of choices into Spanish."""
    return value.replace(" or ", " o ") if isinstance(value, str) else value


def _line_of(error: ValueError) -> str:
    found = re.search(r"line (\d+)", str(error))
    return f" (línea {found.group(1)})" if found else ""


def load_settings(**arguments: Any) -> Settings:
    """Read the settings.

    Parameters
    ----------
    arguments
        Fields by name; those that are None are left to the other sources.

    Raises
    ------
    SettingsError
        If a value is not valid or ``rag.toml`` cannot be read.
    """
    return _made(Settings, arguments)


def change_settings(settings: Settings, **changes: Any) -> Settings:
    """Return the settings with some of them changed; neither file nor environment is read.

    Parameters
    ----------
    changes
        Fields by name; those that are None stay as they are.

    Raises
    ------
    SettingsError
        If a value is not valid.
    """
    return _made(_Chosen, dict(settings), changes)


def _made(kind: type[Settings], *arguments: Mapping[str, Any]) -> Settings:
    """Make settings of arguments, of which the last wins and those that are None do not count."""
    given = {name: value for each in arguments for name, value in each.items() if value is not None}
    try:
        return kind(**given)
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(str(part) for part in problem["loc"])
        context = {key: _in_spanish(value) for key, value in problem.get("ctx", {}).items()}
        says = _PROBLEMS.get(problem["type"], "no es válido").format(**context)
        raise SettingsError(
            f"El ajuste «{name}» {says}",
            f"Corrígelo en {SETTINGS_FILE}, en RAG_{name.upper()} o en la orden",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"El archivo {SETTINGS_FILE} no es TOML válido{_line_of(error)}",
            "Corrígelo o bórralo",
        ) from error
    except pydantic_settings.SettingsError as error:  # a list in the environment that is no JSON
        raise SettingsError(
            "Una variable RAG_* no tiene la forma que debe",
            "Escribe las listas en JSON, como RAG_DEFAULT_PATHS='[\"documentos\"]'",
        ) from error
    except OSError as error:
        raise SettingsError(
            f"No se puede leer {SETTINGS_FILE} ({reason(error)})", "Comprueba sus permisos"
        ) from error
