"""What the people of the sample history are called and write: all of it made up."""

CUSTOMERS = (
    "Adatum", "Alpine Ski House", "Bellows College", "Best For You Organics", "Blue Yonder Airlines",
    "City Power & Light", "Coho Vineyard", "Coho Winery", "Consolidated Messenger", "Datum Insurance",
    "Fincher Architects", "First Up Consultants", "Fourth Coffee", "Graphic Design Institute", "Humongous Insurance",
    "Lamna Healthcare", "Liberty Delightful Bakery", "Litware", "Lucerne Publishing", "Margie's Travel",
    "Munson's Pickles and Preserves", "Nod Publishers", "Parnell Aerospace", "Proseware", "Relecloud",
    "School of Fine Art", "Southridge Video", "Tailspin Toys", "The Phone Company", "Trey Research",
    "VanArsdel", "Wide World Importers", "Wingtip Toys", "Woodgrove Bank", "Harbour Lane Logistics",
    "Northlight Energy", "Old Mill Foods", "Quarry Bay Shipping", "Silverbirch Hotels", "Stonebridge Legal",
)  # fmt: skip
PLACES = (
    "", "Nordics", "Iberia", "Benelux", "Adriatic", "Alpine", "Baltic", "Gulf", "Pacific", "Atlantic", "Andes",
    "Lakes", "Highlands", "Midlands", "Capital", "Delta", "Island", "Coastal", "Retail", "Services",
)  # fmt: skip
JUSTIFICATIONS = (
    "The guide was followed up to the pilot; since then {what} stands still and the team needs a second look.",
    "{what} is rolled out to one department. Policies conflict with the old ones, and nobody here has solved that.",
    "The customer expects a date for {what}. The design questions that are left are beyond what we have done so far.",
    "Adoption of {what} has stopped at a third of the seats. We want to learn how others got further.",
    "Our team takes on {what} for the first time and would like to do the first waves with somebody experienced.",
    "A blocker in the pilot of {what} is open for two weeks; the public documentation does not cover this case.",
)
NOTES = (
    "", "", "", "The customer's administrator is away on Fridays.", "A change freeze begins in six weeks.",
    "The tenant was merged with another one last year.", "Calls are best in the morning.",
)  # fmt: skip
EXCEPTIONS = (
    "The customer has legal holds in three countries, which the guidance does not cover.",
    "The guidance was followed twice with the same error at the end; the customer waits.",
)
MORE = " We have added what was missing: scope, dates and what was tried."
RETURNED = (
    "Please say what was tried so far, and what is blocked.",
    "The number of seats does not fit what we know of this tenant.",
    "Please describe what should be reached, and by when.",
)
DENIED = {
    "insufficient_information": "The reason does not say what is blocked.",
    "repeated_topic": "Your team has had help with this topic for other customers.",
    "out_of_scope": "An SME cannot lead the deployment.",
    "self_deploy": "The guidance covers this step by step.",
    "not_eligible": "This tenant has no eligible licences.",
    "duplicate": "There is another open request for this customer.",
    "other": "The customer has stopped the project.",
}
DECLINED = ("I am fully booked this month.", "I am on leave from next week.", "This is beyond what I have worked with.")
ISSUES = (
    "The customer moved the pilot by two weeks.",
    "We have not heard back since the last call.",
    "The administrator account was locked.",
)
ANSWERED = ("I have spoken with all sides; we go on next week.", "This is solved now.")
EXPECTATIONS = "The partner leads; the SME reviews the design and joins two calls a week."
OUTCOMES = "{what} runs for the first wave, and the partner does the next one alone."
CRITERIA = ("First wave migrated", "Runbook handed over", "Helpdesk trained")
PROGRESS = (
    "The pilot is running and most policies are in place.",
    "The design is agreed, the first wave is planned.",
    "We wait for the customer to confirm the network changes.",
)
SUMMARIES = (
    "{what} runs for the first wave; the partner goes on alone.",
    "The blocker is solved and the runbook was handed over.",
    "Design and policies were reviewed, and the helpdesk is trained.",
)
CLOSED = "The help has ended as agreed."
COMMENTS = {
    1: ("Nobody had time for us.",),
    2: ("It took very long to begin.", "We expected more preparation."),
    3: ("Fine in the end.", ""),
    4: ("Good help, thank you.", "", ""),
    5: ("Excellent, we learned a lot.", "Very patient and well prepared.", "", ""),
}
LEARNERS = (
    "Noor Haddad", "Ivo Brandt", "Chiara Russo", "Ken Watanabe", "Marta Silva", "Owen Hughes", "Sofia Lind",
    "Rahul Mehta", "Elena Petrova", "Tariq Aziz", "Hana Novak", "Luis Ortega", "Grace Kim", "Jonas Weber",
)  # fmt: skip
