"""The kill matrix: every rule passes on a sound API and trips on a defective one; how its runs are chosen and made."""
