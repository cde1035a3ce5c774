"""Theme: Gradio's own parts in the colours and letters of the page's style sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import gradio
from gradio.themes.utils.fonts import Font, LocalFont

ASSETS: Final = Path(__file__).with_name("assets")
ASSETS_URL: Final = "/recursos"
STYLE_SHEETS: Final = [ASSETS / "page.css"]

# The variable of the style sheet that each of Gradio's takes its value from, by day and by night.
_VARIABLES: Final = {
    "body_background_fill": "--paper",
    "body_text_color": "--ink",
    "body_text_color_subdued": "--ink-soft",
    "background_fill_primary": "--paper-raised",
    "background_fill_secondary": "--paper-sunken",
    "border_color_primary": "--rule",
    "border_color_accent": "--accent",
    "color_accent_soft": "--accent-soft",
    "link_text_color": "--accent",
    "block_background_fill": "--paper-raised",
    "block_border_color": "--rule",
    "block_label_background_fill": "--paper-raised",
    "block_label_text_color": "--ink-soft",
    "block_title_text_color": "--ink",
    "block_info_text_color": "--ink-soft",
    "panel_background_fill": "--paper",
    "input_background_fill": "--paper-raised",
    "input_border_color": "--rule",
    "input_border_color_focus": "--accent",
    "input_placeholder_color": "--ink-soft",
    "slider_color": "--accent",
    "checkbox_label_background_fill": "--paper-raised",
    "checkbox_label_background_fill_selected": "--accent-soft",
    "checkbox_label_text_color": "--ink",
    "checkbox_label_text_color_selected": "--ink",
    "checkbox_background_color_selected": "--accent",
    "checkbox_border_color_selected": "--accent",
    "button_primary_background_fill": "--accent",
    "button_primary_background_fill_hover": "--accent",
    "button_primary_text_color": "--accent-ink",
    "button_secondary_background_fill": "--paper-raised",
    "button_secondary_background_fill_hover": "--paper-sunken",
    "button_secondary_border_color": "--rule",
    "button_secondary_text_color": "--ink",
}


def make_theme() -> gradio.themes.Base:
    """Return the theme: letters that Gradio itself brings, and no colour of its own."""
    theme = gradio.themes.Base(
        font=[
            LocalFont("Source Sans Pro", weights=(400, 700)),
            Font("system-ui"),
            Font("sans-serif"),
        ],
        font_mono=[
            LocalFont("IBM Plex Mono", weights=(400, 700)),
            Font("ui-monospace"),
            Font("monospace"),
        ],
        radius_size=gradio.themes.sizes.radius_lg,
    )
    values = {name: f"var({variable})" for name, variable in _VARIABLES.items()}
    theme.set(**values, **{f"{name}_dark": value for name, value in values.items()})
    return theme


def view(name: str) -> str:
    """Return the script that opens one of our views in its component."""
    return (
        f"import('{ASSETS_URL}/{name}.js').then((module) => "
        "module.open({ element, props, trigger, watch, server }));"
    )
