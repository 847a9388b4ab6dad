"""What models of many families write, with what of it is said and called: one corpus for every reader of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engines.dialogue.calls import Call

OWN: Final = "Nora"
USER: Final = "Ada"
LAMP: Final = Call("set_lamp", {"colour": "blue"})
DOOR: Final = Call("open_door", {})
JSON: Final = '{"name": "set_lamp", "arguments": {"colour": "blue"}}'
BLUE: Final = '{"colour": "blue"}'


@dataclass(frozen=True)
class Spelling:
    """A message, what is said of it, and the tools that it calls; set_lamp and open_door are offered."""

    text: str
    said: str
    calls: tuple[Call, ...] = ()
    open: bool = False  # the message begins inside a thought


THOUGHTS: Final = (
    *(
        Spelling(f"{begin}Hm, 1 < 2 and <b>so</b>.{end}{gap}Hello there.", "Hello there.")
        for begin, end in (
            ("<think>", "</think>"),
            ("<THINK>", "</THINK>"),
            ("<Think >", "</Think >"),
            ("<thinking>", "</thinking>"),
            ("<thought>", "</thought>"),
            ("<reasoning>", "</reasoning>"),
            ("<scratchpad>", "</scratchpad>"),
            ("<seed:think>", "</seed:think>"),
            ('<think time="3" model="x">', "</think>"),
            ("◁think▷", "◁/think▷"),
            ("[THINK]", "[/THINK]"),
            ("<|begin_of_thought|>", "<|end_of_thought|>"),
            ("<|thinking|>", "<|/thinking|>"),
            ("<|think_start|>", "<|think_end|>"),
            ("[think]", "[/think]"),
            ("<|START_THINKING|>", "<|END_THINKING|>"),
            ("<think>", "</thinking>"),
            ("<|channel>thought\n", "<channel|>"),
        )
        for gap in ("", "\n\n")
    ),
    Spelling("It is <think>hm</think>blue.", "It is blue."),
    Spelling("It is so.</think>It is blue.", "It is so. It is blue."),
    Spelling("</think>It is blue.", "It is blue."),
    Spelling("hm, so it goes</think>\nIt is blue.", "It is blue.", open=True),
    Spelling("<think>hm</think>It is blue.", "It is blue.", open=True),
    Spelling("It is blue.", "It is blue.", open=True),
    Spelling("<think>a<think>b</think>c</think>It is blue.", "It is blue."),
    Spelling("<think>One writes <think> for it.</think>It is blue.", "It is blue."),
    Spelling("<think/>It is blue.", "It is blue."),
    Spelling("<think></think>It is blue.", "It is blue."),
    Spelling("<think>a</think><think>b</think>It is blue.<think>c", "It is blue."),
    Spelling("<answer>It is blue.</answer>", "It is blue."),
    Spelling(
        "<|channel|>analysis<|message|>We greet.<|end|><|start|>assistant<|channel|>final<|message|>Hello.<|return|>",
        "Hello.",
    ),
    Spelling("<|start|>assistant<|channel|>final<|message|>Hello.<|return|>", "Hello."),
    Spelling("<|channel|>final <|constrain|>text<|message|>Hello.", "Hello."),
    Spelling("<|channel|>final Hello.", "Hello."),
)
CONTROL: Final = (
    *(
        Spelling(f"Hello there.{token}", "Hello there.")
        for token in (
            "<|im_end|>", "</s>", "<|eot_id|>", "<|eom_id|>", "<end_of_turn>", "<|endoftext|>", "<|end|>", "<eos>",
            "[/INST]", "<｜end▁of▁sentence｜>", "<|END_OF_TURN_TOKEN|>", "<|im_end|>\n<|im_start|>user\nAnd you?",
            "<end_of_turn>\n<start_of_turn>user\nAnd you?", "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nAh?",
            "<|im_end|>\nuser\nAnd you?", "<|user|>\nAnd you?", "</s>[INST] And you? [/INST]", "<|eot|><|fim_pad|>",
        )
    ),
    *(
        Spelling(f"{token}Hello there.", "Hello there.")
        for token in (
            "<s>", "<bos>", "<|begin_of_text|>", "<|im_start|>assistant\n", "<start_of_turn>model\n", "<|assistant|>\n",
            "<|start_header_id|>assistant<|end_header_id|>\n\n", "[/INST] ", "<pad><pad>", "<|im_end|>\n", "</s> ",
            "<<SYS>>Be kind.<</SYS>><|im_start|>assistant\n", "<|user|>\nWho?<|assistant|>\n", "[gMASK]<sop>",
            "<unused7><extra_id_0><0x0A>",
            "[INST] Who? [/INST] ",
        )
    ),
    Spelling("Hello.<|im_end|>\n<|im_start|>assistant\nMore of it.", "Hello.\nMore of it."),
    Spelling("Hello [/INST] there", "Hello there"),
    Spelling("Stars<|im_end|>shine", "Stars shine"),
    Spelling("你好。<|im_end|>再见。", "你好。再见。"),
)  # fmt: skip
CALLS: Final = (
    *(
        Spelling(text, "", (LAMP,))
        for text in (
            f"<tool_call>{JSON}</tool_call>",
            f"<tool_call>\n{JSON}",
            f"<TOOL_CALL>{JSON}</TOOL_CALL>",
            f"<tool_call>{JSON}</tool_call><tool_call>{JSON}</tool_call>",
            '<tool_call>{"name": "set_lamp", "arguments": "{\\"colour\\": \\"blue\\"}"}</tool_call>',
            "<tool_call>{'name': 'set_lamp', 'arguments': {'colour': 'blue',}}</tool_call>",
            '<tool_call>{"name": "set_lamp", "arguments": {"colour": "blue"}</tool_call>',
            "<tool_call>\n<function=set_lamp>\n<parameter=colour>\nblue\n</parameter>\n</function>\n</tool_call>",
            "<tool_call>set_lamp\n<arg_key>colour</arg_key>\n<arg_value>blue</arg_value>\n</tool_call>",
            f"<function=set_lamp>{BLUE}</function>",
            f'<function name="set_lamp">{BLUE}</function>',
            '<invoke name="set_lamp"><parameter name="colour">blue</parameter></invoke></function_calls>',
            f"<function_call>{JSON}</function_call>",
            f"[TOOL_CALLS] [{JSON}]",
            f"[TOOL_CALLS][{JSON}]</s>",
            f"[TOOL_CALLS]set_lamp[ARGS]{BLUE}",
            f"[TOOL_CALLS]set_lamp[CALL_ID]abc123def[ARGS]{BLUE}",
            f"<|python_tag|>{JSON}<|eom_id|>",
            '<|python_tag|>set_lamp.call(colour="blue")',
            '[set_lamp(colour="blue")]<|eot_id|>',
            'set_lamp(colour="blue")',
            '{"name": "set_lamp", "parameters": {"colour": "blue"}}',
            '{"type": "function", "function": {"name": "set_lamp", "arguments": {"colour": "blue"}}}',
            f"[{JSON}]",
            f"```json\n{JSON}\n```",
            f"```\n{JSON}\n```",
            '```tool_code\nset_lamp(colour="blue")\n```',
            '```tool_code\nprint(set_lamp(colour="blue"))\n```',
            f"<|tool_call|>[{JSON}]<|/tool_call|>",
            f"<|tool_call|>[{JSON}]",
            '<|START_ACTION|>[{"tool_name": "set_lamp", "parameters": {"colour": "blue"}}]<|END_ACTION|>',
            f"<|tool_call_begin|>functions.set_lamp:0<|tool_call_argument_begin|>{BLUE}<|tool_call_end|>",
            f"<｜tool▁call▁begin｜>function<｜tool▁sep｜>set_lamp\n```json\n{BLUE}\n```<｜tool▁call▁end｜>",
            f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>set_lamp<｜tool▁sep｜>{BLUE}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            f"<|channel|>commentary to=functions.set_lamp <|constrain|>json<|message|>{BLUE}<|call|>",
            f"<|start|>assistant to=functions.set_lamp<|channel|>commentary json<|message|>{BLUE}<|call|>",
            f"<think>Blue, she says.</think>\n<tool_call>{JSON}</tool_call>",
            f"<think>Blue, she says.\n<tool_call>{JSON}</tool_call>",
            f'{{"tool_calls": [{JSON}]}}',
            '{"tool": "set_lamp", "tool_input": {"colour": "blue"}}',
            '<tool_call>{"name": "functions.set_lamp", "arguments": {"colour": "blue"}}</tool_call>',
            "<tool_call>{name: \"set_lamp\", arguments: {colour: 'blue'}}</tool_call>",
        )
    ),
    Spelling(f"One moment. <tool_call>{JSON}</tool_call>", "One moment. ", (LAMP,)),
    Spelling(f"One moment.\n{JSON}", "One moment.\n", (LAMP,)),
    Spelling(f"One moment.\n```json\n{JSON}\n```\nDone.", "One moment.\n\nDone.", (LAMP,)),
    Spelling(f'<tool_call>{JSON}</tool_call>\n<tool_call>{{"name": "open_door"}}</tool_call>', "", (LAMP, DOOR)),
    Spelling(f'{JSON}; {{"name": "open_door", "parameters": {{}}}}', "", (LAMP, DOOR)),
    Spelling(f'[TOOL_CALLS] [{JSON}, {{"name": "open_door", "arguments": {{}}}}]', "", (LAMP, DOOR)),
    Spelling("<tool_call>{broken</tool_call>Sorry.", "Sorry.", (Call("", {}, "the tool call was not valid JSON"),)),
    Spelling(
        '<tool_call>{"name": "set_lamp", "arguments": [1]}</tool_call>',
        "",
        (Call("set_lamp", {}, "the arguments of set_lamp are not a JSON object"),),
    ),
    Spelling(f"<think>I could write <tool_call>{JSON}</tool_call>.</think>It is blue.", "It is blue."),
    Spelling("<tool_response>blue it is</tool_response>It is blue.", "It is blue."),
    # JSON and code that call nothing are words; what becomes of them is decided elsewhere.
    Spelling('{"name": "Ada", "age": 36}', '{"name": "Ada", "age": 36}'),
    Spelling('```json\n{"x": 1}\n```', '```json\n{"x": 1}\n```'),
    Spelling("```python\nprint(1)\n```", "```python\nprint(1)\n```"),
    Spelling("{waves} Hello.", "{waves} Hello."),
    Spelling("set_lamp is a tool.", "set_lamp is a tool."),
    Spelling("set a lamp (blue)", "set a lamp (blue)"),
)
SPEAKERS: Final = (
    Spelling("User: And stars?\nNora: Stars are hot.", "Stars are hot."),
    Spelling("Nora: Stars are hot.", "Stars are hot."),
    Spelling("Nora: Stars are hot.\nUser: And the sun?\nNora: It too.", "Stars are hot."),
    Spelling("Stars are hot.\n\nAda: And the sun?", "Stars are hot."),
    Spelling("**Nora:** Stars are hot.\n**Ada:** Oh.", "Stars are hot."),
    Spelling("Nora (smiling): Stars are hot.", "Stars are hot."),
    Spelling("nora： Stars are hot.", "Stars are hot."),
    Spelling("Assistant: Stars are hot.\nHuman: Oh.", "Stars are hot."),
    Spelling("Nora: Stars are hot.\nNora: And far.", "Stars are hot.\nAnd far."),
    Spelling("<think>x</think>Nora: Stars are hot.", "Stars are hot."),
    Spelling("[happy] Nora: Stars are hot.", "[happy] Stars are hot."),
    Spelling("[Nora]: Stars are hot.\n[Ada]: Oh.", "Stars are hot."),
    Spelling("### Assistant: Stars are hot.\n### Human: Oh.", "Stars are hot."),
    Spelling("[happy] Stars are hot.\n[sad] Ada: Oh.", "[happy] Stars are hot."),
    Spelling("<|im_start|>assistant\nNora: Stars are hot.", "Stars are hot."),
    # What looks alike and is the companion's own.
    Spelling("Nora is my name.\nAda is yours.", "Nora is my name.\nAda is yours."),
    Spelling("Users: there are three.", "Users: there are three."),
    Spelling("Two things\nNote: both are hot.", "Two things\nNote: both are hot."),
    Spelling("I say, Ada: look!", "I say, Ada: look!"),
)
PLAIN: Final = tuple(
    Spelling(text, text)
    for text in (
        "Is 1 < 2, and 3 > 2? <3 you. a<b>c</b>", "[happy] Hello! [gesture:wave] [thinking] Hm.", "5 <= 6 <= 7",
        "x < thin",
        "Array[int] or [THINGS]", "<thinker> is no mark", "a | b |> c <| d", "◁ left, right ▷",
        "C++ <iostream> is a header",
        "灯塔是什么时候建的？一九零二年。", "안녕하세요 저는 노라입니다.",
        "Grüße, ñandú, 🙂👩‍👩‍👧", "one\n\ntwo\n three", "https://a.b/c?d=<e>",
    )
)  # fmt: skip
LOOPS: Final = (
    Spelling("The answer is: " * 40, "The answer is: The answer is: The answer is:"),
    Spelling("So. " + "I am sorry, my friend. " * 9, "So. " + ("I am sorry, my friend. " * 3).strip()),
    Spelling("今天天气很好。" * 9, "今天天气很好。今天天气很好。今天天气很好"),
    Spelling("no " * 90, "no " * 20),
)  # fmt: skip
CORPUS: Final = (*THOUGHTS, *CONTROL, *CALLS, *SPEAKERS, *PLAIN, *LOOPS)
MARKUP: Final = ("think", "<|", "|>", "</s>", "tool_call", "TOOL_CALLS", "im_end", "INST", "end_of_turn", "▁", "◁/")
