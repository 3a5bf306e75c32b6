"""The words that all layers share: one literal table each, and nothing else.

A name that two layers must agree on (an activity, a boundary, a column) stands here once,
with its meaning; `footprint` reads what `workloads` wrote without seeing it.
"""

UNASSIGNED = "unassigned"
MAIN = "main"

POWER = "power_w"
"""The quantity of the channels that an account of energy is made of."""

SPARE = "spare_w"
"""The quantity of what is drawn at rest for nobody: machines out of service, networks whose rest is told apart."""

RATE = "rate_bps"
"""The quantity of the channels that say what a link carries for whom."""

ATLAS_YEAR = "atlas_year"
"""The signal that says of which year the world's internet is; a world without one has none."""

WATER = "wue_l_per_kwh"
"""The signal that says how much water a data centre's cooling takes, over the energy of its machines."""

GRID = "grid_gco2e_per_kwh"
"""The signal that says how heavy the electricity of a place is: location-based, of all power stations."""

CLAIM = "claimed_gco2e_per_kwh"
"""The signal that says what is claimed of a data centre's electricity; totals are of the grid and never read it."""

WORLD = ""
"""The place of a signal that holds for the whole world."""

FABRIC = "fabric"
"""The switches of a data centre, as the one end of the links of its groups."""

USERS = "users"
"""The owner of users' equipment."""

ACTIVITIES = {
    "compute": "the workload computes",
    "communicate": "machines of the workload wait for each other's bits, or for the slowest of them",
    "checkpoint": "the workload writes its state to storage",
    "wait": "reserved by the workload, which has nothing for it to do at the moment",
    "download": "equipment of users, or their access line, receives bits of the workload",
    "upload": "equipment of users, or their access line, sends bits of the workload",
    "use": "equipment of users asks, waits for an answer or shows it",
    "waste": "work and bits that came to nothing: dropped, too late, or lost with a machine that failed",
    "restart": "the workload begins again after a failure: its machines wait for another, and read its state",
    "idle": "in service, reserved by nobody",
    "transfer": "the link carries bits of the workload",
    "overhead": "the building around the machines: cooling, power conversion (derived after the run)",
}

ASSET_KINDS = {
    "accelerator": "GPUs, TPUs and the like, alone",
    "host": "the server around its accelerators: CPUs, memory, network cards, fans, power supplies",
    "node": "a whole server metered as one, its accelerators included",
    "device": "equipment of users: phones, laptops, boxes",
    "link": "a cable or overland link in one direction",
    "site": "what a way passes through at a place: routers, internet exchanges, landing stations",
    "access": "the lines by which users reach the internet: their box, the line or the cell",
}

DEVICE_KINDS = {
    "dc_gpu": "accelerator",
    "dc_asic": "accelerator",
    "tpu": "accelerator",
    "ws_gpu": "accelerator",
    "consumer_gpu": "accelerator",
    "cpu": "host",
    "phone": "device",
    "tablet": "device",
    "laptop": "device",
    "desktop": "device",
    "home": "device",
    "iot": "device",
    "edge": "device",
    "apple_soc": "device",
    "network_edge": "device",
}
"""The asset kind of each class of the device catalogue."""

SAMPLE_UNITS = {
    "token": "a piece of text: a word, a part of one or a character",
    "image": "one image",
    "image-text pair": "one image with its caption",
    "30 s of audio": "a window of sound",
    "prompt": "the text of one request",
    "row": "a line of a table",
    "sample": "anything else that is counted one by one",
}
"""What a model takes in one of."""

DEVELOPMENT = "development"
"""The boundary that trials are in, and what is done in them."""

BOUNDARIES = {
    "accelerator": "the accelerators alone, what a calculator sees",
    "server": "+ the servers around them",
    "facility": "+ the building: cooling and power conversion (PUE)",
    "network": "+ the networks that carry the data",
    "devices": "+ the equipment of users",
    DEVELOPMENT: "+ the trainings that were tried and thrown away",
    "embodied": "+ the making of the machines",
    "life_cycle": "+ transport and end of life",
}
"""Cumulative, in this order. One that is not computed is absent, never 0."""

KIND_BOUNDARIES = {"accelerator": "accelerator", "host": "server", "node": "server", "device": "devices"}
KIND_BOUNDARIES |= dict.fromkeys(("link", "site", "access"), "network")
"""The first boundary that takes in an asset of each kind."""

NUMBER = "number"
"""The quantity of a compared figure that has no unit."""

OPERATIONAL = ("accelerator", "server", "facility", "network", "devices")
"""The boundaries whose energy is drawn while the simulated run lasts."""

EVENTS = {
    "start": "the world begins; subject: the scenario",
    "end": "the window ends; cause: horizon, the last workload, or the longest paradigm",
    "done": "the last workload ended; not there where one is unfinished",
    "submit": "a workload asks for machines, or sends its first bit off",
    "begin": "a workload has its machines and begins",
    "held": "crowds leave the links of a workload's users too little, or no cable joins its ends: it waits",
    "free": "its links are free enough, or join its ends again: it goes on",
    "down": "cables, a landing or a choke point went down; subject: which; cause: how many links, and until when",
    "up": "what they took down is over; cause: how many links are back, how many are still down for another cause",
    "broken": "a round of a learning was lost, for a cable on its members' ways went down: it is begun again",
    "reroute": "a transfer goes on over another way with what is left of it; cause: the cables of that way",
    "demand": "how traffic of others found its way; subject: from where to where; cause: what of it, on how many ways",
    "overload": "a service is asked for more than its replicas can do: its queue grows as long as requests arrive",
    "failure": "a machine of a training failed; cause: which component. It starts again from its last checkpoint",
    "pause": "a workload was interrupted and gave its machines back",
    "finish": "a workload is done",
    "cancel": "a workload was stopped for good",
    "unfinished": "a workload was still under way, or had not begun, at the horizon; or rounds brought no update",
}

TOTALS = {
    "reserved": "machines from their first reservation to their last release, or all the time if `owned: always`",
    "owned": "every machine for the whole window, as if all were `owned: always`",
}
"""What of the machines a total counts."""

TOTAL_KEYS = dict(zip(TOTALS, ("boundaries", "owned"), strict=True))
"""Where a summary holds each total."""

SENTENCES = dict(zip(TOTALS, ("boundaries", "owned_boundaries"), strict=True))
"""Where a manifest says what the boundaries of each total hold."""

QUANTITIES = {"energy_j": "energy", "co2e_kg": "CO2e"}
"""What boundaries are summed in, and its name for people."""

PHASES = {
    "manufacture": "materials and manufacture, to the factory's gate",
    "transport": "from the factory to where it works",
    "use": "while it works: electricity, and the water of cooling",
    "end_of_life": "collecting, recycling and dumping",
}
"""The life of an asset, in its order."""

PHASE_BOUNDARIES = {"manufacture": "embodied", "transport": "life_cycle", "end_of_life": "life_cycle"}
"""The first boundary that takes in each phase but use, whose boundary depends on the asset."""

CRITERIA = {
    "energy_j": "electricity drawn",
    "co2e_kg": "greenhouse gas; that of electricity is its average over a life cycle",
    "marginal_co2e_kg": "greenhouse gas that one more kilowatt-hour causes, never added to the average",
    "site_water_l": "water that cooling takes at the data centre",
    "grid_water_l": "water that power stations take",
    "primary_energy_mj": "energy taken from nature",
    "adpe_kgsb": "metals and minerals taken from the ground, in kilograms of antimony",
    "cost_usd": "electricity bought, and the price of what it runs on",
}
"""What an account may be of, unit included."""

LEDGERS = {
    "attributional": "shares of all that there is, which add up to it: average electricity, a part of the making",
    "consequential": "what a decision changes: marginal emissions of what is held for it, nothing for what is made",
}
"""The two questions that one record answers; their totals are never added."""

SIGNALS = {
    GRID: "carbon intensity of the electricity: the average of the grid, over a year where it is constant",
    "pue_ratio": "facility power over IT power",
    WATER: "water that the cooling takes, over IT energy",
    CLAIM: "carbon intensity that certificates or contracts claim (market-based); in no total",
    ATLAS_YEAR: "the year whose cables, exchanges and landing stations are the internet",
}

CONFIDENCES = {
    "measured": "read off an instrument",
    "published": "printed by who made it or studied it",
    "derived": "computed from published values",
    "assumed": "nobody published it; a stated assumption",
    "unverified": "the source could not be read again",
}

TIME_MODES = {
    "wall time given": "the scenario says how long the training takes",
    "device time given": "the scenario says how many device-hours the training takes",
    "rounds given": "the scenario says how many rounds the learning takes: they are assumed",
    "rounds measured": "a model really learned for so many rounds until it reached the target",
    "rounds by curve": "the curve that the scenario gives reaches the target after so many rounds",
    "epochs measured": "FLOPs x MFU of as many epochs as a model that really learned took to the target",
    "steps x step time": "the scenario says how many steps the training has, and how long one takes",
    "FLOPs x MFU": "the time is the work over devices x peak x MFU",
    "FLOPs x predicted MFU": "that, with the median of what models of its family reach; P5 and P95 stand beside",
    "FLOPs x drawn MFU": "that, with a draw from what models of its family reach",
    "FLOPs x MFU + layout": "that, and the traffic of gradients between data-parallel devices",
    "layout": "the time follows from the model's layers and how they are laid out over devices",
    "read-bound": "reading the data takes longer than computing on it, so that cores wait",
    "cpu-bound": "computing on the data takes at least as long as reading it",
    "arrivals given": "the scenario says when requests arrive and how long each takes",
}
