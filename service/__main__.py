"""`python -m service`: the command line `plate-match`."""

from service.cli import main

if __name__ == "__main__":
    main()
