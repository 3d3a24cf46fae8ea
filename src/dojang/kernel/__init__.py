"""What every room stands on: clock, chance, ids, money, problems, secrets."""
