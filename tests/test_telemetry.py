"""Turns by kind and outcome, and what an attempt at a notice is counted as."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from botbuilder.schema import Activity

from bot.gauges import Gauges
from bot.instruments import INSTRUMENTS, NOTICE_DELAY, NOTICES, PENDING, SET_ASIDE, TURN_DURATION, Telling, TurnKind
from bot.domain.delivery import anew, mailed, parked, told
from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice, NoticeState, Way
from bot.teams_bot import _kind_of
from bot.telemetry import OFF, span_ids, telling_of
from tests.domain.office import MONDAY
from tests.recorder import Recorder
