"""The bot: the process, its cards and conversations, and the Teams edge."""

import warnings

__version__ = "1.0.0"

# recognizers-text, which botbuilder-dialogs loads, has two lines that Python complains of whenever it compiles them.
warnings.filterwarnings("ignore", category=SyntaxWarning, message=r"\"is\" with .*|'int' object is not subscriptable.*")
