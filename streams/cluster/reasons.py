"""Why Kafka cannot be reached, in words for the one who set it up.

aiokafka only logs the reason, broker by broker, and then raises an error that does not hold it.
"""

import logging
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    NodeNotReadyError,
    SaslAuthenticationFailed,
)

from streams.cluster.access import Access
from streams.log_kafka import LogUnavailable


@contextmanager
def told(access: Access) -> Iterator[None]:
    """Raise LogUnavailable with the reason for what aiokafka raises inside."""
    heard = _Heard()
    library = logging.getLogger("aiokafka")
    library.addHandler(heard)
    try:
        yield
    except (KafkaError, TimeoutError) as error:
        heard_of = "; ".join(dict.fromkeys(heard.reasons)) if isinstance(error, KafkaConnectionError) else ""
        raise LogUnavailable(f"Kafka at {','.join(access.bootstrap)}: {heard_of or in_words(error)}") from error
    finally:
        library.removeHandler(heard)


def in_words(error: BaseException) -> str:
    """Say what an error of a connection to Kafka means, and which setting to look at where one may be wrong."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not believed ({error.verify_message}); DHARURA_KAFKA_CA?"
        case SaslAuthenticationFailed():
            return "it refuses this name and password; DHARURA_KAFKA_USERNAME, DHARURA_KAFKA_PASSWORD_FILE?"
        case IllegalSaslStateError():
            return "it asks for no name and password; DHARURA_KAFKA_SECURITY?"
        case NodeNotReadyError():
            return "a broker was lost, and the others have not noticed yet: ask again in ten seconds"
        case ssl.SSLError() | ConnectionResetError() | KafkaConnectionError():
            return "it breaks the connection off; DHARURA_KAFKA_SECURITY?"
        case TimeoutError():
            return "no answer in time"
        case OSError(errno=int(number)) if number > 0:
            return os.strerror(number)
        case OSError(strerror=str(said)) if said:
            return said
    return str(error) or type(error).__name__


class _Heard(logging.Handler):
    """Keeps the errors that aiokafka logs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.reasons: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the errors that a line was filled with."""
        words = record.args if isinstance(record.args, tuple) else ()
        self.reasons += [in_words(word) for word in words if isinstance(word, BaseException)]
