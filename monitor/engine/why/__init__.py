"""Why a text was read as it was, and why not otherwise: worked out from a finished reading, for who asks."""
