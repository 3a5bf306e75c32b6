"""Who pays for what is shared: how assets were used, rules, their shares."""
