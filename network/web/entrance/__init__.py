"""What every request passes: language, sign-in, access, headers, errors, the page cache."""
