"""The execution semantics of BPMN 2.0 (formal/2013-12-09), case by case, through `simulate`.

Each case is a drawing of `tests.engine.drawings`, what happens to it, and the elements that must
be entered, in this order; the rule that it holds stands in its name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.simulation import Advance, Send, simulate
from tests.engine.drawings import text


@dataclass(frozen=True)
class Case:
    """entered: ids in order; waits: where it rests, nothing when it is completed."""

    name: str
    lines: str
    entered: str
    waits: str = ""
    options: tuple[Send | Advance, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    flow_only: bool = False


FLOW = [
    Case("a process without a start event begins at whatever has no incoming flow",
         "user a\nuser b\nend e\na > e", "a b e"),
    Case("every flow out of a task is taken: an implicit split (10.3)",
         "start s\nuser a\nuser b\nuser c\ns > a\na > b\na > c", "s a b c"),
    Case("tokens are not merged at a task: it is done once for each (13.3.1)",
         "start s\nand f\nuser a\nend e\ns > f\nf > a\nf > a\na > e", "s f a a e e"),
    Case("a start event with several flows sends a token along each (10.5.2)",
         "start s\nuser a\nuser b\ns > a\ns > b", "s a b"),
    Case("an event with several flows sends a token along each",
         "start s\ncatch t timer=PT1M\nuser a\nuser b\ns > t\nt > a\nt > b", "s t a b",
         options=(Advance("PT1M"),)),
    Case("a conditional flow of a task is taken beside the unconditional one when it holds",
         "start s\nuser a\nuser b\nuser c\ns > a\na > b : n > 1\na > c", "s a b c", data={"n": 2}),
    Case("a conditional flow of a task is not taken when it does not hold",
         "start s\nuser a\nuser b\nuser c\ns > a\na > b : n > 1\na > c", "s a c", data={"n": 1}),
    Case("the default flow of a task is taken only when no condition holds",
         "start s\nuser a\nuser b\nuser c\ns > a\na > b : n > 1\na > c : default", "s a c",
         data={"n": 1}),
    Case("the default flow of a task is left when a condition holds",
         "start s\nuser a\nuser b\nuser c\ns > a\na > b : n > 1\na > c : default", "s a b",
         data={"n": 2}),
    Case("a scope is completed when its last token is consumed, not its first (13.3.2)",
         "start s\nand f\nend e\nuser a\nend g\ns > f\nf > e\nf > a > g", "s f e a g"),
    Case("a task without a way out consumes its token",
         "start s\nuser a\ns > a", "s a"),
]  # fmt: skip

GATEWAYS = [
    Case("an exclusive gateway takes the first flow that holds (13.4.2)",
         "start s\nxor x\nuser a\nuser b\nend e\ns > x\nx > a : n > 1\nx > b : n > 0\n"
         "a > e\nb > e",
         "s x a e", data={"n": 5}),
    Case("an exclusive gateway passes each token on by itself",
         "start s\nand f\nxor x\nuser a\nend e\ns > f\nf > x\nf > x\nx > a > e",
         "s f x x a a e e"),
    Case("a flow without a condition out of an exclusive gateway is open",
         "start s\nxor x\nuser a\nuser b\ns > x\nx > a : n > 9\nx > b", "s x b", data={"n": 1}),
    Case("a parallel gateway waits for every incoming flow (13.4.1)",
         "start s\nand f\nuser a\nuser b\nand j\nuser c\nend e\ns > f\nf > a > j\nf > b > j\n"
         "j > c > e", "s f a b j c e"),
    Case("a parallel gateway takes one token of each flow and leaves the others",
         "start s\nand f\nuser a\ncatch t timer=PT1H\nand j\nuser c\nend e\ns > f\nf > a\nf > a\n"
         "a > j\nf > t > j\nj > c > e", "s f a a t j c e", waits="j",
         options=(Advance("PT1H"),)),
    Case("a parallel gateway pays no heed to conditions",
         "start s\nand f\nuser a\nuser b\ns > f\nf > a : false\nf > b", "s f a b"),
    Case("a parallel gateway may join and fork at once",
         "start s\nand f\nand g\nuser c\nuser d\ns > f\nf > g\nf > g\ng > c\ng > d",
         "s f g c d"),
    Case("an exclusive split before a parallel join waits for ever",
         "start s\nxor x\nuser a\nuser b\nand j\nend e\ns > x\nx > a : true\nx > b : default\n"
         "a > j\nb > j\nj > e", "s x a j", waits="j"),
    Case("an inclusive gateway takes every flow that holds (13.4.3)",
         "start s\nor x\nuser a\nuser b\nuser c\ns > x\nx > a : n > 0\nx > b : n > 1\n"
         "x > c : n > 9", "s x a b", data={"n": 5}),
    Case("an inclusive gateway takes its default flow when none holds",
         "start s\nor x\nuser a\nuser b\ns > x\nx > a : n > 1\nx > b : default", "s x b",
         data={"n": 0}),
    Case("an inclusive join waits for those tokens alone that can still come",
         "start s\nor x\nuser a\nuser b\nuser c\nor j\nend e\ns > x\nx > a : n > 0\n"
         "x > b : n > 1\n"
        "x > c : n > 9\na > j\nb > j\nc > j\nj > e", "s x a b j e", data={"n": 5}),
    Case("an inclusive join waits for a token that is held elsewhere on its way",
         "start s\nor x\ncatch t timer=PT1H\nuser b\nor j\nend e\ns > x\nx > t : true\n"
         "x > b : true\nt > j\nb > j\nj > e", "s x t b j", waits="t"),
    Case("an inclusive join lets go as soon as nothing can come any more",
         "start s\nor x\ncatch t timer=PT1H\nuser b\nor j\nend e\nend g\nxor y\ns > x\n"
         "x > t : true\nx > b : true\nt > y\ny > g : true\ny > j : default\nb > j\nj > e",
         "s x t b j y g e", options=(Advance("PT1H"),)),
    Case("an exclusive split may end in an inclusive join",
         "start s\nxor x\nuser a\nuser b\nor j\nend e\ns > x\nx > a : true\nx > b : default\n"
         "a > j\nb > j\nj > e", "s x a j e"),
    Case("a parallel split may end in an exclusive merge, which is passed twice",
         "start s\nand f\nuser a\nuser b\nxor m\nend e\ns > f\nf > a > m\nf > b > m\nm > e",
         "s f a b m e m e"),
    Case("a parallel split may end in an inclusive join, which is passed once",
         "start s\nand f\nuser a\nuser b\nor j\nend e\ns > f\nf > a > j\nf > b > j\nj > e",
         "s f a b j e"),
    Case("a loop through an exclusive gateway goes round as often as its condition says",
         "start s\nxor m\nscript a feel={n:n+1}\nxor x\nend e\ns > m > a > x\nx > m : n < 3\n"
         "x > e : default", "s m a x m a x m a x e", data={"n": 0}),
    Case("a parallel block in a loop joins in each turn",
         "start s\nxor m\nand f\nscript a feel={n:n+1}\nuser b\nand j\nxor x\nend e\ns > m > f\n"
         "f > a > j\nf > b > j\nj > x\nx > m : n < 2\nx > e : default",
         "s m f a b j x m f a b j x e", data={"n": 0}),
    Case("the first event behind an event-based gateway wins (13.4.4)",
         "start s\nevents g\ncatch m message=Go\ncatch t timer=PT1H\nuser a\nuser b\ns > g\n"
         "g > m > a\ng > t > b", "s g t b", options=(Advance("PT1H"), Send("Go"))),
    Case("an event-based gateway rests until one of its events happens",
         "start s\nevents g\ncatch m message=Go\ncatch n signal=Come\ns > g\ng > m\ng > n",
         "s g", waits="m n"),
    Case("a receive task may stand behind an event-based gateway",
         "start s\nevents g\nreceive m message=Go\ncatch t timer=PT1H\nend e\nend f\ns > g\n"
         "g > m > e\ng > t > f", "s g m e", options=(Send("Go"),)),
]  # fmt: skip

SUB = "start s\nsub p {{\nstart ps\n{}\nend pe\nps > {} > pe\n}}\n"
SCOPES = [
    Case("a sub-process is entered, done inside and left (13.3.4)",
         SUB.format("user a", "a") + "user b\nend e\ns > p > b > e", "s p ps a pe b e"),
    Case("a sub-process without a start event begins at whatever has no incoming flow",
         "start s\nsub p {\nuser a\nuser b\n}\nend e\ns > p > e", "s p a b e"),
    Case("a terminate end event ends its own sub-process alone (13.5.6)",
         "start s\nsub p {\nstart ps\nand f\nend t terminate=1\ncatch w message=W\nps > f\n"
        "f > w\nf > t\n}\n"
         "user b\nend e\ns > p > b > e", "s p ps f w t b e"),
    Case("a terminate end event ends the whole process with all inside it",
         "start s\nand f\nsub p {\nstart ps\ncatch t message=Go\nps > t\n}\nuser a\n"
         "end e terminate=1\ns > f\nf > p\nf > a > e", "s f p ps a t e"),
    Case("nested sub-processes are left from the inside out",
         "start s\nsub p {\nstart ps\nsub q {\nstart qs\nuser a\nqs > a\n}\nps > q\n}\nend e\n"
         "s > p > e", "s p ps q qs a e"),
    Case("an error end event is caught at the boundary of its sub-process (10.5.6)",
         "start s\nsub p {\nstart ps\nand f\nend x error=E1\ncatch w message=Go\nps > f\nf > w\n"
         "f > x\n}\nboundary b on=p error=E1\nend e\nend g\ns > p > e\nb > g",
         "s p ps f w x b g"),
    Case("an error is caught by its own code before one that catches any",
         "start s\nsub p {\nstart ps\nend x error=E1\nps > x\n}\nboundary b on=p error=any\n"
         "boundary c on=p error=E1\nend e\nend g\nend h\ns > p > e\nb > g\nc > h", "s p ps x c h"),
    Case("an error goes outwards until somebody catches it",
         "start s\nsub p {\nstart ps\nsub q {\nstart qs\nend x error=E1\nqs > x\n}\nend pe\n"
         "ps > q > pe\n}\nboundary b on=p error=E1\nend e\nend g\ns > p > e\nb > g",
         "s p ps q qs x b g"),
    Case("an escalation is caught without interrupting, and the sub-process goes on",
         "start s\nsub p {\nstart ps\nthrow x escalation=L\nuser a\nend pe\nps > x > a > pe\n}\n"
         "boundary b on=p escalation=L non\nend e\nend g\ns > p > e\nb > g",
         "s p ps x b a g pe e"),
    Case("an interrupting escalation ends its sub-process",
         "start s\nsub p {\nstart ps\nthrow x escalation=L\nuser a\nps > x > a\n}\n"
         "boundary b on=p escalation=L\nend e\nend g\ns > p > e\nb > g", "s p ps x b g"),
    Case("an escalation that nobody catches changes nothing",
         "start s\nthrow x escalation=L\nend e\ns > x > e", "s x e"),
    Case("a message at the boundary of a sub-process ends everything inside it",
         "start s\nsub p {\nstart ps\nand f\ncatch u timer=P1D\ncatch v message=V\nps > f\nf > u\n"
         "f > v\n}\nboundary b on=p message=Stop\nend e\nend g\ns > p > e\nb > g",
         "s p ps f u v b g", options=(Send("Stop"),)),
    Case("a boundary event that does not interrupt may happen again and again",
         "start s\nreceive a message=Done\nboundary b on=a message=Ask non\nuser c\nend e\nend g\n"
         "s > a > e\nb > c > g", "s a b c b c e g g",
         options=(Send("Ask"), Send("Ask"), Send("Done"))),
    Case("a cycle at a boundary fires as often as it says",
         "start s\nreceive a message=Done\nboundary b on=a cycle=R2/PT1H non\nend e\nend g\n"
         "s > a > e\nb > g", "s a b g b g", waits="a", options=(Advance("P1D"),)),
    Case("boundary events are gone when their activity is done",
         "start s\nuser a\nboundary b on=a timer=PT1H\ncatch m message=Go\nend e\nend g\n"
         "s > a > m > e\nb > g", "s a m", waits="m", options=(Advance("PT1M"), Advance("P1D"))),
    Case("an interrupting event sub-process ends everything else in its scope (13.5.4)",
         "start s\nreceive a message=Done\nend e\nsub p byevent {\nstart ps message=Stop\nuser c\n"
         "end pe\nps > c > pe\n}\ns > a > e", "s a p ps c pe", options=(Send("Stop"),)),
    Case("an event sub-process that does not interrupt runs beside its scope, again and again",
         "start s\nreceive a message=Done\nend e\nsub p byevent {\nstart ps non message=Ask\n"
         "user c\nend pe\nps > c > pe\n}\ns > a > e", "s a p ps c p ps c e pe pe",
         options=(Send("Ask"), Send("Ask"), Send("Done"))),
    Case("a scope waits for the event sub-processes that have begun in it",
         "start s\nreceive a message=Done\nend e\nsub p byevent {\nstart ps non message=Ask\n"
         "catch w timer=PT1H\nps > w\n}\ns > a > e", "s a p ps w e", waits="ps w",
         options=(Send("Ask"), Send("Done"))),
    Case("an event sub-process that was never begun keeps no scope open",
         "start s\nuser a\nend e\nsub p byevent {\nstart ps message=Stop\nend pe\nps > pe\n}\n"
         "s > a > e", "s a e"),
    Case("an error is caught by an event sub-process of its own scope",
         "start s\nsub p {\nstart ps\nend x error=E\nps > x\nsub h byevent {\nstart hs error=E\n"
         "user c\nend he\nhs > c > he\n}\n}\nend e\ns > p > e", "s p ps x h hs c he e"),
    Case("a timer of an event sub-process counts from the beginning of its scope",
         "start s\nsub p {\nstart ps\ncatch w message=Go\nps > w\nsub h byevent {\n"
         "start hs timer=PT1H\nend he\nhs > he\n}\n}\nend e\ns > p > e", "s p ps w h hs he e",
         options=(Advance("PT1H"),)),
]  # fmt: skip

EVENTS = [
    Case("a timer is due when its span is over, not before",
         "start s\ncatch t timer=PT1H\nend e\ns > t > e", "s t", waits="t",
         options=(Advance("PT59M59S"),)),
    Case("a date that has passed is due at once",
         "start s\ncatch t date=2020-01-01T00:00:00Z\nend e\ns > t > e", "s t e"),
    Case("timers fire in the order in which they are due",
         "start s\nand f\ncatch t timer=PT2H\ncatch u timer=PT1H\nuser a\nuser b\ns > f\n"
         "f > t > a\nf > u > b", "s f t u b a", options=(Advance("P1D"),)),
    Case("a task is left open for its own timer, though others fire before",
         "start s\nand f\nuser a\nboundary b on=a timer=PT2H\ncatch t timer=PT1H\nend e\nend g\n"
         "s > f\nf > a > e\nf > t > e\nb > g", "s f a t e b g", options=(Advance("P1D"),)),
    Case("a timer that another timer leads to counts from then",
         "start s\ncatch t timer=PT1H\ncatch u timer=PT1H\nend e\ns > t > u > e", "s t u",
         waits="u", options=(Advance("PT1H30M"),)),
    Case("time that passes in two parts is as long as their sum",
         "start s\ncatch t timer=PT1H\nend e\ns > t > e", "s t e",
         options=(Advance("PT30M"), Advance("PT30M"))),
    Case("a signal reaches everyone who waits for it",
         "start s\nand f\ncatch t signal=Go\ncatch u signal=Go\nend e\ns > f\nf > t > e\n"
         "f > u > e", "s f t u e e", options=(Send("Go"),)),
    Case("a message reaches one of those who wait for it",
         "start s\nand f\ncatch t message=Go\ncatch u message=Go\nend e\ns > f\nf > t > e\n"
         "f > u > e", "s f t u e", waits="u", options=(Send("Go"),)),
    Case("a signal that the case throws reaches its own tokens",
         "start s\nand f\ncatch t signal=Go\ncatch w timer=PT1H\nthrow x signal=Go\nend e\ns > f\n"
         "f > t > e\nf > w > x > e", "s f t w x e e", options=(Advance("PT1H"),)),
    Case("a signal thrown inside a sub-process is caught at its boundary",
         "start s\nsub p {\nstart ps\nthrow x signal=Go\nuser a\nend pe\nps > x > a > pe\n}\n"
         "boundary b on=p signal=Go non\nend e\nend g\ns > p > e\nb > g", "s p ps x a b g pe e"),
    Case("a link goes on at the catch event of its name (10.5.4)",
         "start s\nuser a\nthrow l link=On\ncatch m link=On\nuser b\nend e\ns > a > l\nm > b > e",
         "s a l m b e"),
    Case("several throws may lead to one link",
         "start s\nand f\nthrow l link=On\nthrow k link=On\ncatch m link=On\nend e\ns > f\nf > l\n"
         "f > k\nm > e", "s f l k m m e e"),
    Case("an intermediate event without a trigger is passed",
         "start s\nthrow t\nend e\ns > t > e", "s t e"),
    Case("a receive task without a message waits for one of its name",
         "start s\nreceive r \"Answer\"\nend e\ns > r > e", "s r e", options=(Send("Answer"),)),
    Case("a receive task rests without its message",
         "start s\nreceive r\nend e\ns > r > e", "s r", waits="r"),
]  # fmt: skip

REPEATED = [
    Case("parallel instances are done all together (13.3.7)",
         "start s\nuser a times=3\nend e\ns > a > e", "s a a a e"),
    Case("sequential instances are done one after the other",
         "start s\nsub p times=2 sequential=1 {\nstart ps\nuser a\nps > a\n}\nend e\ns > p > e",
         "s p ps a p ps a e"),
    Case("there are as many instances as the collection has items",
         "start s\nuser a each=people item=p\nend e\ns > a > e", "s a a e",
         data={"people": ["an", "bo"]}),
    Case("an activity for no item is entered in its place and left, and nothing in it (13.3.2)",
         "start s\nsub p each=people {\nstart ps\n}\nuser a each=people\nend e\ns > p > a > e",
         "s p a e", data={"people": []}),
    Case("what is left is withdrawn when the completion condition holds",
         "start s\nuser a times=3 until=\"nrOfCompletedInstances >= 2\"\ns > a", "s a a a"),
    Case("a boundary event interrupts all instances",
         "start s\nreceive a times=3 message=Done\nboundary b on=a message=Stop\nend e\nend g\n"
         "s > a > e\nb > g", "s a a a b g", options=(Send("Done"), Send("Stop"))),
]  # fmt: skip

BOOKED = """start s
transaction p {
    start ps
    user a "Book"
    boundary u on=a compensate=1 handler=ua
    user ua undo
    xor x
    end no cancel=1
    end ok
    ps > a > x
    x > no : way = "cancel"
    x > ok : default
}
boundary c on=p cancel=1
end e
end g
s > p > e
c > g"""
PAID = """start s
user a
boundary u on=a compensate=1 handler=ua
user ua undo
user b
boundary v on=b compensate=1 handler=ub
user ub undo
throw t compensate={}
end e
s > a > b > t > e"""
UNDONE = [
    Case("a transaction that is not cancelled ends as a sub-process does (13.3.4)",
         BOOKED, "s p ps a x ok e"),
    Case("a cancel end event undoes what is done and leaves by the cancel event",
         BOOKED, "s p ps a x no ua c g", data={"way": "cancel"}),
    Case("compensation undoes what was completed, the last first (13.5.5)",
         PAID.format("1"), "s a b t ub ua e"),
    Case("compensation of one activity undoes that one alone",
         PAID.format("a"), "s a b t ua e"),
    Case("what was never completed is not undone",
         "start s\nthrow t compensate=1\nuser a\nboundary u on=a compensate=1 handler=ua\n"
         "user ua undo\nend e\ns > t > a > e", "s t a e"),
    Case("a sub-process that is undone is not entered once more, only what undoes it (13.5.5)",
         "start s\nsub p {\nstart ps\nuser a\nps > a\nsub q byevent {\nstart qs compensate=1\n"
         "user x\nqs > x\n}\n}\nthrow t compensate=1\nend e\ns > p > t > e",
         "s p ps a t q qs x e"),
    Case("a compensation end event undoes before the case ends",
         "start s\nuser a\nboundary u on=a compensate=1 handler=ua\nuser ua undo\n"
         "end e compensate=1\ns > a > e", "s a e ua"),
]  # fmt: skip

RARE = [
    Case("a conditional event is passed when its condition holds already (10.5.5)",
         "start s\ncatch c when=\"n > 1\"\nend e\ns > c > e", "s c e", data={"n": 2}),
    Case("a conditional event waits until its condition holds",
         "start s\nand f\ncatch c when=\"n > 1\"\ncatch m message=Go\nend e\nend g\ns > f\n"
         "f > c > e\nf > m > g", "s f c m g e", data={"n": 1}, options=(Send("Go", {"n": 5}),)),
    Case("a conditional event rests while its condition does not hold",
         "start s\ncatch c when=\"n > 1\"\nend e\ns > c > e", "s c", waits="c", data={"n": 1}),
    Case("a condition at a boundary interrupts as soon as it holds",
         "start s\nand f\nreceive a message=Done\nboundary b on=a when=\"n > 1\"\nuser d\nend e\n"
         "end g\ns > f\nf > a > e\nf > d\nb > g", "s f a d b g", data={"n": 1},
         answers={"d": {"n": 2}}),
    Case("an ad-hoc sub-process does each of its activities once (13.3.5)",
         "start s\nadhoc p {\nuser a\nuser b\n}\nend e\ns > p > e", "s p a b e"),
    Case("an ad-hoc sub-process ends when its condition holds",
         "start s\nadhoc p done=\"n = 1\" {\nuser a\nuser b\n}\nend e\ns > p > e", "s p a b e",
         answers={"a": {"n": 1}}),
    Case("a complex gateway goes on when its condition holds and takes in what comes late",
         "start s\nand f\nuser a\nuser b\nuser c\ncomplex g activation=\"activationCount >= 2\"\n"
         "user d\nend e\ns > f\nf > a > g\nf > b > g\nf > c > g\ng > d > e",
         "s f a b c g d g e"),
    Case("any one of several triggers is enough (10.5.3)",
         "start s\ncatch c message=A signal=B\nend e\ns > c > e", "s c e", options=(Send("B"),)),
    Case("a parallel multiple event waits for all of its triggers",
         "start s\ncatch c message=A signal=B parallel\nend e\ns > c > e", "s c", waits="c",
         options=(Send("B"),)),
    Case("a parallel multiple event goes on when all of its triggers have come",
         "start s\ncatch c message=A signal=B parallel\nend e\ns > c > e", "s c e",
         options=(Send("B"), Send("A"))),
    Case("an activity that needs two tokens is done once for both (13.3.1)",
         "start s\nuser a\nuser b\nuser c needs=2\nend e\ns > a\ns > b\na > c\nb > c\nc > e",
         "s a b c e"),
    Case("an activity that gives two tokens sends two along its flow",
         "start s\nuser a gives=2\nend e\ns > a > e", "s a e e"),
    Case("a loop is done at least once where its condition is asked afterwards (13.3.6)",
         "start s\nuser a loop=false\nend e\ns > a > e", "s a e"),
    Case("a loop may be entered and not be done, where its condition is asked before",
         "start s\nuser a loop=false before=1\nend e\ns > a > e", "s a e"),
    Case("a loop ends at its maximum",
         "start s\nuser a loop=true max=3\nend e\ns > a > e", "s a a a e"),
]  # fmt: skip

PASSED = [
    Case("conditions are passed: the first flow of an exclusive gateway",
         "start s\nxor x\nend e\nend g\ns > x\nx > e : ${n > 1}\nx > g : ${n <= 1}", "s x e",
         flow_only=True),
    Case("a conditional event within the flow is passed",
         "start s\ncatch c when=\"test.contains('a')\"\nend e\ns > c > e", "s c e",
         flow_only=True),
    Case("a condition at a boundary holds when it is sent",
         "start s\nuser a\nboundary b on=a when=\"${x}\"\nend e\nend g\ns > a > e\nb > g",
         "s a b g", flow_only=True, options=(Send("b"),)),
    Case("a timer in another language is due with the next second",
         "start s\ncatch t timer=${span}\nend e\ns > t > e", "s t e", flow_only=True,
         options=(Advance("PT1S"),)),
    Case("an activity for each item of an unknown list is done once",
         "start s\nuser a each=${items}\nend e\ns > a > e", "s a e", flow_only=True),
    Case("an activity for each item of the case's own list is done for each",
         "start s\nuser a each=${items}\nend e\ns > a > e", "s a a e", flow_only=True,
         data={"items": [1, 2]}),
    Case("a loop with a condition that is never known is done once",
         "start s\nuser a loop=\"${more}\"\nend e\ns > a > e", "s a e", flow_only=True),
    Case("a loop with a plain condition is held to it",
         "start s\nscript a feel=nothing loop=false before=1\nend e\ns > a > e", "s a e",
         flow_only=True),
    Case("a complex gateway sends no second token when it is reset",
         "start s\ncomplex f\nuser a\nuser b\ncomplex g activation=\"activationCount >= 1\"\n"
         "user c\nend e\ns > f\nf > a : test.contains(\"a\")\nf > b : test.contains(\"b\")\n"
         "a > g\nb > g\ng > c > e", "s f a b g c g e", flow_only=True),
]  # fmt: skip

ALL = [*FLOW, *GATEWAYS, *SCOPES, *EVENTS, *REPEATED, *UNDONE, *RARE, *PASSED]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_conformance(case):
    found = simulate(
        text(case.lines),
        options=case.options,
        data=case.data,
        answers=case.answers,
        flow_only=case.flow_only,
    )
    assert found.error is None
    assert " ".join(found.entered) == case.entered
    waits = [row["element"] for row in found.waiting]
    assert (found.state, " ".join(waits)) == ("waiting" if case.waits else "completed", case.waits)
