# Renders templates with Debian's Jinja2: a JSON document a line in, what became of it a line out.
import json
import re
import signal
import sys

from jinja2 import DictLoader, Environment, StrictUndefined
from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError


class Late(BaseException):
    pass


def late(_signal, _frame):
    raise Late()


def loading(templates):
    return Environment(undefined=StrictUndefined, loader=DictLoader(templates))


PLAIN = loading({})


def outcome(case):
    try:
        signal.setitimer(signal.ITIMER_REAL, 5)
        templates = case.get("templates")
        environment = PLAIN if templates is None else loading(templates)
        try:
            template = environment.from_string(case["template"])
        except (SyntaxError, TemplateSyntaxError):
            raise
        except Exception as error:
            # Jinja2 works out constants before it renders, and fails over those that no rendering would come to.
            return {"skipped": "constant"}
        text = template.render(case["variables"])
        # An address in memory is another one each time.
        return {"skipped": "address"} if re.search(r" at 0x[0-9a-f]+(?:>|&gt;)", text) else {"text": text}
    except TemplateNotFound:
        return {"error": "missing"}
    except TemplateSyntaxError as error:
        return {"error": "syntax", "said": str(error)}
    except SyntaxError as error:
        return {"error": "syntax", "said": str(error)}
    except UndefinedError as error:
        return {"error": "undefined", "said": str(error)}
    except (Late, RecursionError, MemoryError) as error:
        return {"skipped": type(error).__name__}
    except Exception as error:
        return {"error": "failed", "said": f"{type(error).__name__}: {error}"}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


signal.signal(signal.SIGALRM, late)
sys.set_int_max_str_digits(4300)
for line in sys.stdin:
    answer = json.dumps(outcome(json.loads(line)))
    sys.stdout.write(answer + "\n")
