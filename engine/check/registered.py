"""Registers and catalogues that a process names: each is there and can be read, and a register
knows the process's columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.bpmn import Process
from engine.catalogues import CatalogueInvalid, catalogue_path
from engine.catalogues import parse as parse_catalogue
from engine.check.finding import Finding, found
from engine.registers import (
    Entered,
    Register,
    RegisterInvalid,
    gone,
    loses_entries,
    parse,
    problems,
    register_path,
)
from engine.spelling import split


def check_registers(
    path: str, process: Process, texts: Mapping[str, str], entered: Mapping[str, Entered]
) -> Iterator[Finding]:
    """Findings about the registers in the process's property; texts: descriptions by path;
    entered: with what cases stand in them already.
    """
    declared = {}
    for part in split(process.properties.get("columns", "")):
        name, _, kind = part.partition("=")[0].partition(":")
        declared[name.strip()] = kind.strip() or "text"
    for key in split(process.properties.get("registers", "")):
        place = register_path(key)
        if place not in texts:
            yield found(path, "unknown-register", process, register=key, path=place)
            continue
        try:
            register = parse(texts[place])
        except RegisterInvalid as invalid:
            yield found(place, "register-invalid", problem=invalid.problem)
            continue
        for problem in problems(register, declared):
            yield found(place, "register-columns", process=process.id, problem=problem)
        if key in entered:
            yield from _held(place, register, declared, entered[key])


def _held(
    place: str, register: Register, declared: Mapping[str, str], before: Entered
) -> Iterator[Finding]:
    """What cases would lose that stand in the register by an earlier version."""
    if loses_entries(register, declared, before):
        yield found(place, "register-entries-gone", column=register.given)
    for name in gone(register, declared, before):
        yield found(place, "register-column-gone", column=name)


def check_catalogues(path: str, process: Process, texts: Mapping[str, str]) -> Iterator[Finding]:
    """Findings about the catalogues in the process's property; texts: descriptions by path."""
    for key in split(process.properties.get("catalogues", "")):
        place = catalogue_path(key)
        if place not in texts:
            yield found(path, "unknown-catalogue", process, catalogue=key, path=place)
            continue
        try:
            parse_catalogue(texts[place])
        except CatalogueInvalid as invalid:
            yield found(place, "catalogue-invalid", problem=invalid.problem)
