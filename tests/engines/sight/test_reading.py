"""What a Face Landmarker finds becomes a face: its place, its angles, its number."""

from __future__ import annotations

from math import cos, radians, sin

import pytest

from engines.sight.landmarks.reading import Following, Found, angles, found


def turned(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> list[list[float]]:
    """A face's matrix: tilted, then raised, then turned to its own left, as the picture shows it."""
    y, x, z = radians(yaw), radians(-pitch), radians(-roll)
    about_y: list[list[float]] = [[cos(y), 0, sin(y)], [0, 1, 0], [-sin(y), 0, cos(y)]]
    about_x: list[list[float]] = [[1, 0, 0], [0, cos(x), -sin(x)], [0, sin(x), cos(x)]]
    about_z: list[list[float]] = [[cos(-z), -sin(-z), 0], [sin(-z), cos(-z), 0], [0, 0, 1]]

    def times(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
        return [[sum(a[i][k] * b[k][j] for k in range(3)) for j in range(3)] for i in range(3)]

    made = times(about_y, times(about_x, about_z))
    return [[*row, 0.0] for row in made] + [[0.0, 0.0, -40.0, 1.0]]


@pytest.mark.parametrize("angle", [(20, 0, 0), (-35, 0, 0), (0, 15, 0), (0, -15, 0), (0, 0, 12), (10, 5, 0)])
def test_angles_are_the_heads_own(angle: tuple[float, float, float]) -> None:
    assert angles(turned(*angle)) == pytest.approx(angle, abs=1e-6)


def test_a_face_is_where_its_points_are_and_bounds_its_scores() -> None:
    points = [(0.4, 0.3), (0.6, 0.3), (0.5, 0.7)]
    face = found(points, [("_neutral", 0.9), ("jawOpen", 1.2), ("mouthClose", -0.1)], turned())
    assert (face.x, face.y, face.size) == pytest.approx((0.5, 0.5, 0.4))
    assert face.weights == {"jawOpen": 1.0, "mouthClose": 0.0}


def face(x: float, size: float = 0.3) -> Found:
    return Found({}, x, 0.5, size)


def test_who_stays_keeps_their_number_and_who_comes_gets_a_new_one() -> None:
    following = Following()
    assert [(each.id, each.x) for each in following.follow([face(0.2), face(0.7, 0.4)])] == [(1, 0.7), (2, 0.2)]
    # The one who was smaller comes nearer: the numbers go with the place.
    assert [(each.id, each.x) for each in following.follow([face(0.22, 0.5), face(0.68)])] == [(2, 0.22), (1, 0.68)]
    assert [each.id for each in following.follow([face(0.21), face(0.7), face(0.99, 0.1)])] == [2, 1, 3]
    assert following.follow([]) == []
    assert [each.id for each in following.follow([face(0.2)])] == [4]
