"""The Unity package's C# toolchain, programs and player."""
