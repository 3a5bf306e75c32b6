"""Real small models that really learn: data, clients' shards, local training, server rules. No clock in here."""
