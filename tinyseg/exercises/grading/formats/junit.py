"""JUnit's XML, which most continuous integrations show."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from ..grade import Grade
from .gradescope import told

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped; code may print them."""


def junit(grade: Grade) -> str:
    """Return the file's text: one test suite, one test for each exercise.

    An answer that is wrong is a failure; one that is missing or breaks a rule is an error. None is 'skipped': that
    would make the total smaller.
    """
    failures = sum(not e.passed and e.cause not in ("missing", "not-begun", "refused") for e in grade.exercises)
    errors = sum(not e.passed and e.cause in ("missing", "not-begun", "refused") for e in grade.exercises)
    suite = ET.Element(
        "testsuite",
        name=_clean(grade.student),
        tests=str(len(grade.exercises)),
        failures=str(failures),
        errors=str(errors),
        skipped="0",
        time=f"{grade.seconds:.3f}",
    )
    for exercise in grade.exercises:
        test = ET.SubElement(
            suite, "testcase", classname="exercises", name=exercise.exercise, time=f"{exercise.seconds:.3f}"
        )
        properties = ET.SubElement(test, "properties")
        ET.SubElement(properties, "property", name="points", value=str(exercise.points))
        ET.SubElement(properties, "property", name="of", value=str(exercise.of))
        if not exercise.passed:
            kind = "error" if exercise.cause in ("missing", "not-begun", "refused") else "failure"
            failure = ET.SubElement(test, kind, type=exercise.cause, message=_clean(exercise.where or exercise.cause))
            failure.text = _clean(told(exercise))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    return NOT_IN_XML.sub("\ufffd", text)
