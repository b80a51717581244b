"""All that ``GET /metrics`` shows, as one table. Reading it is reading docs/metrics.md, which is made from it.

Names follow Prometheus' conventions (https://prometheus.io/docs/practices/naming/): base units, ``_total`` for what
only rises. Label values are bounded: names of engines that are set up, and values listed here; what is neither counts
as ``other``. Nothing that a caller, a model or a client of the API chooses becomes a label.

Each sample has the label ``worker`` besides, so that samples of several workers of a machine can stand on one page: a
text format page has the head (``# HELP``, ``# TYPE``) of a family once, so whoever joins pages keeps the first head and
appends the samples of all pages below it; families come in the order of this table on every page. Nothing is added up:
``sum without (worker) (…)`` does that in a query. Counters begin at 0 with the process, as Prometheus expects.
"""

from typing import Final

from offhook.telemetry.measures import MICROMOMENTS_S, MOMENTS_S, ROUND_TRIPS_S
from offhook.telemetry.metric import Kind, Label, Metric

SETUPS_S: Final = (0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0)
"""How long people wait on a telephone."""

RESPONSES_S: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
"""How long a pause in a conversation is."""


ENGINE: Final = Label("engine", said="the engines that are set up")
DIRECTION: Final = Label("direction", ("inbound", "outbound"))

ACTIVE_CALLS: Final = Metric(
    "offhook_active_calls",
    Kind.GAUGE,
    "Calls that are not over.",
    "How busy it is. Many in `resuming` mean that lines break; many in `ending`, that the carrier's API is slow.",
    (ENGINE, DIRECTION, Label("state", ("ringing", "talking", "resuming", "ending"))),
)
MAX_CALLS: Final = Metric(
    "offhook_max_concurrent_calls",
    Kind.GAUGE,
    "Calls that may be active at once.",
    "The line that active calls must not reach: `OFFHOOK_MAX_CALLS_PER_WORKER`.",
)
ACCEPTING: Final = Metric(
    "offhook_accepting_calls",
    Kind.GAUGE,
    "1 while new calls are taken, 0 while they are refused.",
    "0 is a worker that drains, is full or overloaded; `GET /api/capacity` says which.",
)
CALLS_STARTED: Final = Metric(
    "offhook_calls_started_total",
    Kind.COUNTER,
    "Calls that were taken in or placed.",
    "Its rate is the call rate.",
    (ENGINE, DIRECTION),
)
CALLS_ENDED: Final = Metric(
    "offhook_calls_ended_total",
    Kind.COUNTER,
    "Calls that are over, by how they ended.",
    "`engine_failed` and `line_lost` are callers who were let down; `never_came`, webhooks that lead to no stream.",
    (
        ENGINE,
        Label(
            "outcome",
            (
                "caller_hung_up",
                "agent_hung_up",
                "operator_hung_up",
                "transferred",
                "silence",
                "time_up",
                "engine_failed",
                "line_lost",
                "never_came",
                "not_answered",
                "dial_failed",
                "shut_down",
            ),
        ),
    ),
)
CALLS_REFUSED: Final = Metric(
    "offhook_calls_refused_total",
    Kind.COUNTER,
    "Calls that were not taken in, by why.",
    "`full` asks for more workers, `overloaded` for a lower limit on this one; `not_allowed` are wishes never met.",
    (Label("reason", ("draining", "full", "overloaded", "rate_limited", "not_allowed")),),
)
CALL_SETUP: Final = Metric(
    "offhook_call_setup_seconds",
    Kind.HISTOGRAM,
    "From a call's beginning here to its first media stream.",
    "Inbound: how long callers hear nothing. Outbound: includes the ringing, so how long people take to answer.",
    (DIRECTION,),
    "seconds",
    SETUPS_S,
)
LINE_RESUME: Final = Metric(
    "offhook_line_resume_seconds",
    Kind.HISTOGRAM,
    "From the loss of a call's media stream to the next one.",
    "How long callers are alone when a line breaks; its count is how often one came back.",
    (),
    "seconds",
    SETUPS_S,
)
ENGINE_SETUP: Final = Metric(
    "offhook_engine_setup_seconds",
    Kind.HISTOGRAM,
    "From the order for an engine session to its being ready, all tries together.",
    "Where it exceeds the call's set-up, callers wait for the engine.",
    (ENGINE,),
    "seconds",
    SETUPS_S,
)
ENGINE_LOST: Final = Metric(
    "offhook_engine_sessions_lost_total",
    Kind.COUNTER,
    "Engine sessions that broke, or could not be had.",
    '`retryable="false"` is a wrong key or an empty account: nothing but you will cure it.',
    (ENGINE, Label("retryable", ("true", "false"))),
)
ENGINE_ROUND_TRIP: Final = Metric(
    "offhook_engine_round_trip_seconds",
    Kind.HISTOGRAM,
    "From a question to the engine that it answers at once to its answer.",
    "How far away the engine is. Part of every response latency.",
    (),
    "seconds",
    ROUND_TRIPS_S,
)
REPLIES_FAILED: Final = Metric(
    "offhook_replies_failed_total",
    Kind.COUNTER,
    "Replies of engines that came to nothing.",
    "Silences in conversations: rate limits of the vendor, mostly.",
    (ENGINE,),
)
LEGS_LEFT: Final = Metric(
    "offhook_legs_left_total",
    Kind.COUNTER,
    "Media streams of callers that ended by themselves, by why.",
    "`lost`: network or carrier; `too_slow`: a peer that does not read; `refused`: one that breaks the protocol.",
    (Label("reason", ("hung_up", "lost", "refused", "too_slow", "closed")),),
)
RESPONSE_LATENCY: Final = Metric(
    "offhook_response_latency_seconds",
    Kind.HISTOGRAM,
    "From the engine's word that the caller has stopped to the first sound of the answer.",
    "Callers wait longer: by the silence that the engine listens to first (the agent's `silence_ms`, 500 by default), "
    "and the way there. Its count is the answers.",
    (ENGINE,),
    "seconds",
    RESPONSES_S,
)
BARGE_INS: Final = Metric(
    "offhook_barge_ins_total",
    Kind.COUNTER,
    "Replies that callers interrupted.",
    "Many against the answers: replies are too long, or noise is taken for speech.",
)
BARGE_IN: Final = Metric(
    "offhook_barge_in_seconds",
    Kind.HISTOGRAM,
    "From the engine's word that the caller speaks (and the agent's `hold_ms`) until the gateway orders the carrier to "
    "drop what it has queued.",
    "The gateway's own share: below a millisecond or two. Left out are the engine's time to notice, the way to the "
    "carrier, and sound of the reply that is already on its way in the socket, behind which the order has to wait "
    "(`offhook_reply_unsent_max_bytes`; a second of sound is about 11 kB).",
    (),
    "seconds",
    MOMENTS_S,
)
TOOL_CALLS: Final = Metric(
    "offhook_tool_calls_total",
    Kind.COUNTER,
    "Tool calls that were answered, by how they went.",
    "`failed` and `timed_out` are your tools; `refused`, a model that calls them wrongly or without end.",
    (Label("status", ("done", "failed", "timed_out", "refused")),),
)
SOUND_WAITING: Final = Metric(
    "offhook_caller_sound_waiting_seconds",
    Kind.GAUGE,
    "Sound of callers that waits for engines, of all calls together.",
    "More than a moment's worth per call: an engine, or the way to it, is slow.",
    unit="seconds",
)
SOUND_WAITING_MAX: Final = Metric(
    "offhook_caller_sound_waiting_max_seconds",
    Kind.GAUGE,
    "Sound of the caller that waits for the engine, on the call where most does.",
    "At `OFFHOOK_QUEUE_MS` the oldest sound is dropped.",
    unit="seconds",
)
SOUND_DROPPED: Final = Metric(
    "offhook_caller_sound_dropped_seconds_total",
    Kind.COUNTER,
    "Sound of callers that engines did not take in time.",
    "Words that nobody heard. Rising is a fault of the engine or the network.",
    unit="seconds",
)
REPLY_UNSENT: Final = Metric(
    "offhook_reply_unsent_bytes",
    Kind.GAUGE,
    "Messages of replies that wait for the carrier's connections to take them, of all calls together.",
    "More than a moment's worth: the carrier, or the way to it, is slow.",
    unit="bytes",
)
REPLY_UNSENT_MAX: Final = Metric(
    "offhook_reply_unsent_max_bytes",
    Kind.GAUGE,
    "Messages of replies that wait for the carrier's connection, on the call where most do.",
    "Large on one call: a peer that does not read. It is cut off after a while (`too_slow`).",
    unit="bytes",
)
FRAME_CONVERSION: Final = Metric(
    "offhook_frame_conversion_seconds",
    Kind.HISTOGRAM,
    "Work on the sound of one frame between caller and engine (a sample of the frames).",
    "What decoding and resampling cost; next to nothing where sound passes untouched.",
    (),
    "seconds",
    MICROMOMENTS_S,
)
FRAME_LATENESS: Final = Metric(
    "offhook_frame_lateness_seconds",
    Kind.HISTOGRAM,
    "How much later than due frames of callers come (a sample of the frames).",
    "Late with a small loop lag: the network. Late with a large one: this worker has too many calls.",
    (),
    "seconds",
    MOMENTS_S,
)
LOOP_LAG: Final = Metric(
    "offhook_loop_lag_seconds",
    Kind.HISTOGRAM,
    "How much later than asked for the event loop wakes.",
    "The health of the worker in one number: 20 ms at the 99th percentile is as much as calls should bear. Lag by "
    "other processes on the core is in it; calls are refused for the worker's own alone.",
    (),
    "seconds",
    MOMENTS_S,
)
FEED_LOST: Final = Metric(
    "offhook_feed_events_lost_total",
    Kind.COUNTER,
    "Events of the live feed that watchers were too slow to take.",
    "A watcher of `GET /api/events` has gaps.",
)
LOG_LOST: Final = Metric(
    "offhook_log_lines_lost_total",
    Kind.COUNTER,
    "Log lines that what they go to was too slow to take, or refused.",
    "The log has gaps: its pipe, terminal or disk is slow or gone.",
)
METER_FAULTS: Final = Metric(
    "offhook_metering_faults_total",
    Kind.COUNTER,
    "Events of calls that could not be counted.",
    "Above 0, the other numbers here are too small, and there is a fault to report.",
)
BUILD: Final = Metric(
    "offhook_build_info",
    Kind.INFO,
    "What is running.",
    "Which version runs where, during a rolling restart.",
    (Label("version", said="of Offhook"), Label("python", said="its version")),
)

_GENERATION: Final = Label("generation", ("0", "1", "2"))

PROCESS: Final = (
    Metric(
        "process_virtual_memory_bytes",
        Kind.GAUGE,
        "Virtual memory of the process.",
        "Seldom of use.",
    ),
    Metric(
        "process_resident_memory_bytes",
        Kind.GAUGE,
        "Memory of the process that is in use (RSS).",
        "Divided by the active calls, what a call costs; it must not creep up while they stay the same.",
    ),
    Metric(
        "process_start_time_seconds",
        Kind.GAUGE,
        "When the process began, in seconds since the epoch.",
        "A jump is a restart.",
    ),
    Metric(
        "process_cpu_seconds_total",
        Kind.COUNTER,
        "CPU time of the process.",
        "Its rate is the share of a core; one worker uses one core at most.",
    ),
    Metric(
        "process_open_fds",
        Kind.GAUGE,
        "Open file descriptors.",
        "About two per call; close to the maximum, calls cannot be taken.",
    ),
    Metric(
        "process_max_fds",
        Kind.GAUGE,
        "File descriptors that may be open.",
        "`ulimit -n`.",
    ),
    Metric(
        "python_gc_objects_collected_total",
        Kind.COUNTER,
        "Objects that the garbage collector freed.",
        "Rising fast means that reference cycles are made.",
        (_GENERATION,),
    ),
    Metric(
        "python_gc_objects_uncollectable_total",
        Kind.COUNTER,
        "Objects that the garbage collector could not free.",
        "Above 0 is a leak.",
        (_GENERATION,),
    ),
    Metric(
        "python_gc_collections_total",
        Kind.COUNTER,
        "Runs of the garbage collector.",
        "Each of generation 2 stops the loop for a moment; compare with the loop lag.",
        (_GENERATION,),
    ),
)
"""Read from Linux's /proc and from Python; elsewhere ``process_…`` is missing."""

TABLE: Final = (
    ACTIVE_CALLS,
    MAX_CALLS,
    ACCEPTING,
    CALLS_STARTED,
    CALLS_ENDED,
    CALLS_REFUSED,
    CALL_SETUP,
    LINE_RESUME,
    ENGINE_SETUP,
    ENGINE_LOST,
    ENGINE_ROUND_TRIP,
    REPLIES_FAILED,
    LEGS_LEFT,
    RESPONSE_LATENCY,
    BARGE_INS,
    BARGE_IN,
    TOOL_CALLS,
    SOUND_WAITING,
    SOUND_WAITING_MAX,
    SOUND_DROPPED,
    REPLY_UNSENT,
    REPLY_UNSENT_MAX,
    FRAME_CONVERSION,
    FRAME_LATENESS,
    LOOP_LAG,
    FEED_LOST,
    LOG_LOST,
    METER_FAULTS,
    BUILD,
    *PROCESS,
)
