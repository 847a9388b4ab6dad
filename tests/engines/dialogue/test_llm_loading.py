"""Models that are not there, half there or of another kind are refused in one sentence that says what to do."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="the language model needs torch")
pytest.importorskip("transformers", reason="the language model needs transformers")

from engines.api import EngineError, Tool
from engines.dialogue.transformers.engine import TransformersDialogue
from engines.dialogue.transformers.template import Template, template_of
from tests.engines.dialogue.test_dialogue_transformers import asked
from tests.engines.makers import collect
from tests.engines.tiny import lm, lm_lessons

pytestmark = pytest.mark.models


def start(model: str, **settings: Any) -> None:
    """Starts an engine and has it say something."""

    async def main() -> None:
        engine = TransformersDialogue(lm.person(), model=model, context=1024, threads=1, max_tokens=8, **settings)
        try:
            await engine.start()
            await collect(engine.reply(asked("Smile!")))
        finally:
            await engine.close()

    asyncio.run(main())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the model, to be damaged."""
    return Path(shutil.copytree(lm.lm_folder(), tmp_path / "model"))


def edit(folder: Path, **values: Any) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | values))


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGE: list[tuple[Any, str]] = [
    (lambda f: (f / "config.json").unlink(), "config.json is missing"),
    (lambda f: half(f / "config.json"), "config.json is damaged"),
    (lambda f: (f / "config.json").write_text("{}"), "names no model_type"),
    (lambda f: (f / "model.safetensors").unlink(), "no weights"),
    (lambda f: half(f / "model.safetensors"), "half-written"),
    (lambda f: (f / "tokenizer.json").unlink(), "no tokenizer"),
    (lambda f: half(f / "tokenizer.json"), "cannot be loaded"),
    (lambda f: edit(f, num_hidden_layers=5), "weights are missing"),
    (lambda f: edit(f, hidden_size=32, head_dim=16), "do not fit"),
    (lambda f: edit(f, model_type="whalesong"), "no causal language model"),
    (lambda f: edit(f, model_type="vit", architectures=["ViTModel"]), "is no causal language model"),
]


@pytest.mark.parametrize(("damage", "sentence"), DAMAGE, ids=[sentence for _, sentence in DAMAGE])
def test_a_damaged_folder_is_told_from_a_good_one(folder: Path, damage: Any, sentence: str) -> None:
    damage(folder)
    with pytest.raises(EngineError, match=sentence) as caught:
        start(str(folder))
    assert caught.value.code == "dialogue_failed"
    assert not caught.value.retryable


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "No language model is named"),
        ("./nowhere", "no model folder"),
        ("some-owner/a-model-that-is-not-here", "Fetch it first"),
    ],
)
def test_a_model_that_is_not_there_is_not_fetched(name: str, sentence: str) -> None:
    with pytest.raises(EngineError, match=sentence):
        start(name)


def test_a_missing_device_and_a_missing_adapter_are_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be used here"):
        start(str(lm.lm_folder()), device="cuda:99")
    pytest.importorskip("peft", reason="adapters need peft")
    with pytest.raises(EngineError, match="no adapter"):
        start(str(lm.lm_folder()), adapter=str(tmp_path))
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(EngineError, match="does not fit"):
        start(str(lm.lm_folder()), adapter=str(tmp_path))


def test_a_model_that_does_not_fit_memory_is_told_with_what_to_lower() -> None:
    with pytest.raises(EngineError, match=r"lower transformers\.batch"):
        start(str(lm.lm_folder()), batch=1_000_000_000)


# ------------------------------------------------------------------------------------------------ templates

TOOL = Tool("open_door", "Opens the door.", {"type": "object", "properties": {}})
CHAT = [{"role": "system", "content": "You are Ada."}, {"role": "user", "content": "Hello."}]


def template(chat_template: str | None, tokens: tuple[str, ...] = ()) -> Template:
    tokenizer = lm_lessons.build_tokenizer() if not tokens else lm_lessons.build_tokenizer(tokens)
    tokenizer.chat_template = chat_template
    return template_of(tokenizer, object())


def test_a_tokenizer_without_template_gets_the_one_of_its_tokens() -> None:
    assert template(lm.TEMPLATE).kind == "own"
    assert template(None).kind == "chatml"
    assert template(None).render(CHAT, (), thinking=False)[0] == (
        "<|im_start|>system\nYou are Ada.<|im_end|>\n<|im_start|>user\nHello.<|im_end|>\n<|im_start|>assistant\n"
    )
    llama = template(None, ("<|pad|>", "<|start_header_id|>", "<|eot_id|>"))
    assert llama.kind == "llama3"
    plain = template(None, ("<|pad|>", "<s>", "</s>"))
    assert plain.kind == "transcript"
    assert plain.render(CHAT, (), thinking=False)[0].endswith("You are Ada.\n\nUser: Hello.\nCompanion:")
    assert "\nUser:" in plain.stops


def test_a_template_without_system_role_gets_the_persona_with_the_first_words() -> None:
    strict = template(
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        "<{{ m.role }}>{{ m.content }}{% endfor %}"
    )
    assert strict.render(CHAT, (), thinking=False)[0] == "<user>You are Ada.\n\nHello."


def test_tools_are_described_in_words_where_the_template_knows_none() -> None:
    text, _ = template(None).render(CHAT, (TOOL,), thinking=False)
    assert '"name": "open_door"' in text
    assert "<tool_call>" in text
    own, _ = template(lm.TEMPLATE).render(CHAT, (TOOL,), thinking=False)
    assert "# Tools" in own


def test_a_thought_that_the_template_opens_is_closed_or_known() -> None:
    thinker = template(lm.TEMPLATE.replace("assistant\n{% endif %}", "assistant\n<think>\n{% endif %}"))
    assert thinker.render(CHAT, (), thinking=True)[1] is True
    text, opened = thinker.render(CHAT, (), thinking=False)
    assert text.endswith("</think>\n\n")
    assert not opened


def test_a_broken_template_is_the_models_fault() -> None:
    with pytest.raises(EngineError, match="chat template failed"):
        template("{% for m in %}")


def test_a_tokenizer_without_template_can_talk(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()
    start(str(folder))
