"""What the command and the notebook say, in one place for each language; texts of exercises are in their folders."""

from __future__ import annotations

import os
from collections.abc import Mapping

from tinyseg_kernels.errors import InvalidInput

from .languages import ENGLISH

VARIABLE = "TINYSEG_LANGUAGE"
LANGUAGES = {"en": "English", "zh-CN": "simplified Chinese"}


class Words:
    """The sentences of a language; English where it has none."""

    def __init__(self, language: str = ENGLISH) -> None:
        """Choose by the name of a language, such as 'zh-CN' (see `language_named`)."""
        self.language = language
        self._own = SENTENCES.get(language, {})

    def __call__(self, key: str, **values: object) -> str:
        """Return a sentence with its gaps filled."""
        return (self._own.get(key) or SENTENCES[ENGLISH][key]).format(**values)

    def times(self, key: str, count: int, **values: object) -> str:
        """Return a sentence about a number: `key` for several, `key-1` for one."""
        return self(f"{key}-1" if count == 1 else key, count=count, **values)


def language_named(name: str | None = None) -> str:
    """Return the language that was asked for: by name, else by TINYSEG_LANGUAGE, else English.

    'zh', 'zh_CN' and 'zh_CN.UTF-8' are 'zh-CN'.

    Raises:
        InvalidInput: There are no texts in this language.
    """
    given = name or os.environ.get(VARIABLE) or ENGLISH
    plain = given.partition(".")[0].replace("_", "-").lower()
    for known in LANGUAGES:
        if plain == known.lower() or plain.partition("-")[0] == known.partition("-")[0]:
            return known
    where = "language" if name else VARIABLE
    listed = ", ".join(f"{known} ({words})" for known, words in LANGUAGES.items())
    raise InvalidInput(f"{where}: expected one of {listed}, got {given!r}")


SENTENCES: Mapping[str, Mapping[str, str]] = {
    ENGLISH: {
        "readme": """\
# Exercises

{count} exercises, each a file that you complete. Start anywhere: none needs the answer of another one.

Type this first, in this folder:

    tinyseg exercises list              what there is, and how far you are
    tinyseg exercises check             check the next one; it says which file to open

Open that file. Its first lines say what to write, with shapes, the formula and an example for paper. Replace each
`raise NotImplementedError(...)` by your code, save, and check again. When something is wrong you are told what, where,
and with an example in small numbers that you can follow by hand.

    tinyseg exercises check relu        check one exercise
    tinyseg exercises watch             check on every save; Ctrl-C ends it
    tinyseg exercises hint relu         three hints, the next one after your next attempt
    tinyseg exercises reset relu        begin an exercise again; a copy of your file is kept
    tinyseg exercises solution relu     our answer, with its derivation; it asks first

You may move the files within this folder and rename its folders, but not the files. The hidden folder
`.tinyseg-exercises` holds your progress, copies of files that you reset, and pictures; leave it where it is.
""",
        # init
        "begun": "{count} exercises in {root}, by chapter.",
        "added": "{count} new exercises in {root}: {listed}.",
        "added-1": "1 new exercise in {root}: {listed}.",
        "renewed": "{count} exercises that you had not begun have a newer text: {listed}.",
        "renewed-1": "1 exercise that you had not begun has a newer text: {listed}.",
        "nothing-new": "{root} has all {count} exercises already; your files are as they were.",
        "kept": "Your other {count} files are as they were.",
        "kept-1": "Your other file is as it was.",
        "go-there": "Go there, and see what there is:",
        "first": "Begin with {file}: open it, read its first lines, write your code, save, and type",
        # the verdict
        "passed": "passed, {points} of {of} points",
        "not-yet": "not yet, {points} of {of} points",
        "not-begun": "not begun",
        "refused": "does not count, 0 of {of} points",
        "open": "Open {file} and read its first lines. You write {functions}.",
        "missing": "There is no file {file}. To have it again: tinyseg exercises reset {name}",
        "and": " and ",
        "wrong": "What is wrong",
        "unwritten": "{function} is not written yet.",
        "where": "Where: {where}.",
        "cause": "Name of the mistake: {cause}",
        "more": "Wrong as well: {listed}.",
        "raises-too": "Apart from that it stops with an exception: {raised}.",
        "right-in-all": "Right in all {count} configurations that were tried.",
        "other": "It could also be: {listed}.",
        "the-task": "the text of the exercise",
        "question": "To think about",
        "printed": "What your code printed",
        "notes": "Note",
        # the example
        "example": "An example to follow by hand",
        "example-starred": "An example to follow by hand (* where your number is wrong)",
        "right": "right",
        "yours": "yours",
        "options": "options",
        "shape": "shape {shape}",
        "too-large": "(shape {shape}, too large to print)",
        "only-in": "All cases for paper are right. The smallest that is wrong has these shapes and options:",
        # the map
        "map": "Where {result} is wrong in a larger case (# wrong, . right)",
        "map-parts": "Where {result} is wrong in a larger case (# wrong, + wrong in some {others}, . right)",
        "map-axes": "rows: {rows}, columns: {columns}; {case}",
        "difference": "yours - right",
        "picture": "Picture",
        "picture-in-notebook": "shown when the check is the last line of a cell",
        "framed": "framed: wrong",
        "row": "row",
        "column": "column",
        # points
        "points": "Points",
        "group-right": "{points} of {points}",
        "group-wrong": "0 of {points}   {right} of {of} results right",
        "group-held": "0 of {points}   given when the rest is right",
        # what next
        "next": "Next",
        "next-one": "{name} (chapter {chapter}, difficulty {difficulty}): {file}",
        "all-passed": "You have passed all {count} exercises.",
        "so-far": "{passed} of {count} exercises passed.",
        "compare": "Compare with our answer: tinyseg exercises solution {name}",
        "hint-there": "Stuck? tinyseg exercises hint {name}",
        "changed-too": "You have changed {name} since its last check: tinyseg exercises check {name}",
        "broken": "The file with your progress could not be read. It is kept as {path}; a new one is begun.",
        "not-kept": "Your progress could not be written: {error}",
        # list
        "untouched": "-",
        "begun-not-checked": "begun",
        "tried": "tried {count} times",
        "tried-1": "tried once",
        "state-passed": "passed",
        "state-seen": "passed, solution seen",
        "state-seen-only": "solution seen",
        "state-missing": "file missing",
        "exercise": "exercise",
        "difficulty": "difficulty",
        "state": "state",
        "points-column": "points",
        # watch
        "watching": "Watching {root}. Save a file to check it; Ctrl-C ends.",
        "stopped": "Stopped.",
        "checking": "checking {name} ...",
        # hint
        "hint-own": "On your last attempt ({cause})",
        "hint": "Hint {number} of 3",
        "hint-closed": "Hint {number} opens after your next attempt: change {file} and check it.",
        "hint-last": "These are all the hints. Our answer: tinyseg exercises solution {name}",
        "hint-passed": "You have passed this exercise.",
        # reset
        "reset": "{file} is as it was at first.",
        "reset-backup": "Your version is kept as {path}",
        "reset-same": "{file} is as it was at first already.",
        "reset-counts": "The exercise still counts as passed.",
        # solution
        "solution-ask": "You have not passed {name} yet. Show our answer? (It is noted in your progress.)",
        "solution-no": "Not shown.",
        "solution": "Our answer to {name}",
        # chapters
        "chapter-images": "An image is a matrix",
        "chapter-convolution": "Convolution by hand",
        "chapter-convolution-gradient": "The gradient of a convolution",
        "chapter-pooling": "Pooling",
        "chapter-dense-and-losses": "Dense, softmax, losses",
        "chapter-training": "Backpropagation, optimizers, batch norm",
        "chapter-networks": "The article's network, fully convolutional",
        "chapter-unet": "U-Net on real images",
        "chapter-transfer": "Transfer",
        "chapter-looking-inside": "Looking inside",
        "chapter-fast": "Fast on a CPU",
        "chapter-gpu": "A GPU kernel from scratch",
        "chapter-own-layers": "Own layers, large images",
    },
    "zh-CN": {
        "readme": """\
# 习题

共有 {count} 道习题，每道是一个由你补全的文件。从哪一道开始都可以：没有一道需要用到另一道的答案。

先在这个文件夹里输入：

    tinyseg exercises list              有哪些习题，你做到了哪里
    tinyseg exercises check             检查下一道习题；它会说要打开哪个文件

打开那个文件。开头几行说明要写什么，给出形状、公式和一个可以在纸上算的例子。把每一处
`raise NotImplementedError(...)` 换成你的代码，保存，再检查一次。如果有错，它会告诉你错了什么、错在哪里，
并给出一个数很小、可以手算的例子。

    tinyseg exercises check relu        检查一道习题
    tinyseg exercises watch             每次保存时检查；按 Ctrl-C 结束
    tinyseg exercises hint relu         三个提示，每再尝试一次给出下一个
    tinyseg exercises reset relu        重新开始一道习题；你的文件会留一份副本
    tinyseg exercises solution relu     我们的答案和推导；显示之前会先问你

你可以在这个文件夹里移动文件、给文件夹改名，但不要给文件改名。隐藏文件夹 `.tinyseg-exercises`
保存你的进度、你重新开始过的文件的副本和图片；请让它留在原处。
""",
        # init
        "begun": "{root} 中有 {count} 道习题，按章排列。",
        "added": "{root} 中新增了 {count} 道习题：{listed}。",
        "added-1": "{root} 中新增了 1 道习题：{listed}。",
        "renewed": "你还没有开始的 {count} 道习题换上了新版的文本：{listed}。",
        "renewed-1": "你还没有开始的 1 道习题换上了新版的文本：{listed}。",
        "nothing-new": "{root} 中已有全部 {count} 道习题；你的文件保持不变。",
        "kept": "你的其余 {count} 个文件保持不变。",
        "kept-1": "你的另一个文件保持不变。",
        "go-there": "进入这个文件夹，看看有哪些习题：",
        "first": "从 {file} 开始：打开它，读开头几行，写好代码，保存，然后输入",
        # the verdict
        "passed": "通过，得 {points} 分，满分 {of} 分",
        "not-yet": "尚未通过，得 {points} 分，满分 {of} 分",
        "not-begun": "尚未开始",
        "refused": "不计分，得 0 分，满分 {of} 分",
        "open": "打开 {file}，读开头几行。要你写的是 {functions}。",
        "missing": "没有文件 {file}。要重新得到它，请输入：tinyseg exercises reset {name}",
        "and": " 和 ",
        "wrong": "哪里不对",
        "unwritten": "{function} 还没有写。",
        "where": "位置：{where}。",
        "cause": "错误的名称：{cause}",
        "more": "同样不对的还有：{listed}。",
        "raises-too": "此外，它因异常而中断：{raised}。",
        "right-in-all": "试过的 {count} 种配置全部正确。",
        "other": "也可能是：{listed}。",
        "the-task": "习题说明",
        "question": "想一想",
        "printed": "你的代码打印的内容",
        "notes": "说明",
        # the example
        "example": "一个可以手算的例子",
        "example-starred": "一个可以手算的例子（* 表示你的数不对）",
        "right": "正确",
        "yours": "你的",
        "options": "选项",
        "shape": "形状 {shape}",
        "too-large": "（形状 {shape}，太大，不打印）",
        "only-in": "适合手算的配置全部正确。出错的配置中最小的一个，形状和选项如下：",
        # the map
        "map": "在较大的配置中 {result} 哪里不对（# 不对，. 正确）",
        "map-parts": "在较大的配置中 {result} 哪里不对（# 不对，+ 在某些 {others} 上不对，. 正确）",
        "map-axes": "行：{rows}，列：{columns}；{case}",
        "difference": "你的 - 正确",
        "picture": "图片",
        "picture-in-notebook": "当检查是单元格的最后一行时显示",
        "framed": "加框：不对",
        "row": "行",
        "column": "列",
        # points
        "points": "得分",
        "group-right": "{points} / {points} 分",
        "group-wrong": "0 / {points} 分   {of} 个结果中 {right} 个正确",
        "group-held": "0 / {points} 分   其余部分正确时才给分",
        # what next
        "next": "接下来",
        "next-one": "{name}（第 {chapter} 章，难度 {difficulty}）：{file}",
        "all-passed": "全部 {count} 道习题你都通过了。",
        "so-far": "已通过 {passed} 道习题，共 {count} 道。",
        "compare": "与我们的答案比较：tinyseg exercises solution {name}",
        "hint-there": "卡住了？tinyseg exercises hint {name}",
        "changed-too": "上次检查之后你改过 {name}：tinyseg exercises check {name}",
        "broken": "保存你的进度的文件无法读取。它已另存为 {path}；现在开始一个新的。",
        "not-kept": "无法写入你的进度：{error}",
        # list
        "untouched": "-",
        "begun-not-checked": "已开始",
        "tried": "试过 {count} 次",
        "tried-1": "试过 1 次",
        "state-passed": "已通过",
        "state-seen": "已通过，看过答案",
        "state-seen-only": "看过答案",
        "state-missing": "文件缺失",
        "exercise": "习题",
        "difficulty": "难度",
        "state": "状态",
        "points-column": "得分",
        # watch
        "watching": "正在监视 {root}。保存文件就会检查它；按 Ctrl-C 结束。",
        "stopped": "已停止。",
        "checking": "正在检查 {name} ……",
        # hint
        "hint-own": "针对你上一次的尝试（{cause}）",
        "hint": "提示 {number} / 3",
        "hint-closed": "提示 {number} 在你下一次尝试之后给出：修改 {file}，然后检查它。",
        "hint-last": "提示就是这些。我们的答案：tinyseg exercises solution {name}",
        "hint-passed": "你已经通过了这道习题。",
        # reset
        "reset": "{file} 已恢复成最初的样子。",
        "reset-backup": "你的版本保存为 {path}",
        "reset-same": "{file} 本来就是最初的样子。",
        "reset-counts": "这道习题仍算作已通过。",
        # solution
        "solution-ask": "你还没有通过 {name}。要显示我们的答案吗？（这会记入你的进度。）",
        "solution-no": "没有显示。",
        "solution": "{name}：我们的答案",
        # chapters
        "chapter-images": "图像就是矩阵",
        "chapter-convolution": "手写卷积",
        "chapter-convolution-gradient": "卷积的梯度",
        "chapter-pooling": "池化",
        "chapter-dense-and-losses": "全连接层、softmax 与损失",
        "chapter-training": "反向传播、优化器与批归一化",
        "chapter-networks": "论文中的网络：全卷积",
        "chapter-unet": "在真实图像上使用 U-Net",
        "chapter-transfer": "迁移学习",
        "chapter-looking-inside": "看看网络内部",
        "chapter-fast": "在 CPU 上加速",
        "chapter-gpu": "从零开始写 GPU 核函数",
        "chapter-own-layers": "自己的层与大图像",
    },
}
"""Language -> key -> sentence. A key that a language lacks is said in English."""
