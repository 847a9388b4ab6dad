"""Lights what the raster found: soft key light with shadow, fill, rim, a sky; skin lets light in.

Diffuse is Lambert's, wrapped for skin with a warm edge; highlights are GGX with Smith's visibility in Hammon's
approximation and Schlick's Fresnel; the sky is a vertical gradient (its highlights after Karis 2014). All linear.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# Each row: direction towards the light (3), colour (3). The first one throws the shadow.
STUDIO = np.array(
    [
        [-0.52, 0.62, 0.80, 2.15, 2.05, 1.92],
        [0.85, 0.12, 0.65, 0.50, 0.55, 0.64],
        [0.70, 0.55, -0.85, 0.95, 0.95, 1.00],
        [-0.80, 0.35, -0.85, 0.60, 0.60, 0.62],
    ],
    np.float32,
)
SKY = np.array([[0.80, 0.83, 0.88], [0.38, 0.34, 0.31]], np.float32)  # above, below


@njit(cache=True, error_model="numpy", inline="always")
def _sample(picture, u, v, out):  # type: ignore[no-untyped-def]
    rows, columns = picture.shape[0], picture.shape[1]
    fx = (u - np.floor(u)) * columns - 0.5
    fy = (v - np.floor(v)) * rows - 0.5
    x0, y0 = int(np.floor(fx)), int(np.floor(fy))
    tx, ty = fx - x0, fy - y0
    x1, y1 = (x0 + 1) % columns, (y0 + 1) % rows
    x0, y0 = x0 % columns, y0 % rows
    for k in range(3):
        top = picture[y0, x0, k] * (1 - tx) + picture[y0, x1, k] * tx
        low = picture[y1, x0, k] * (1 - tx) + picture[y1, x1, k] * tx
        out[k] = top * (1 - ty) + low * ty


@njit(cache=True, error_model="numpy")
def light(  # type: ignore[no-untyped-def]
    ids, first, second, begin, triangles, points, normals, uvs, colours, picture, bumps, bump_scale,
    base, roughness, metallic, specular, soft, toon, two_sided, lights, sky, eye, shadow, sun, sun_half, out,
):  # fmt: skip
    height, width = ids.shape
    end = begin + triangles.shape[0]
    side = shadow.shape[0]
    textured, bumpy, coloured = picture.shape[0] > 1, bumps.shape[0] > 1, colours.shape[0] > 1
    texel, bump = np.zeros(3, np.float32), np.zeros(3, np.float32)
    albedo, normal = np.zeros(3, np.float32), np.zeros(3, np.float32)
    flat, p, tangent = np.zeros(3, np.float32), np.zeros(3, np.float32), np.zeros(3, np.float32)
    for y in range(height):
        for x in range(width):
            number = ids[y, x]
            if number < begin or number >= end:
                continue
            a, b, c = triangles[number - begin, 0], triangles[number - begin, 1], triangles[number - begin, 2]
            wa, wb = first[y, x], second[y, x]
            wc = 1 - wa - wb
            for k in range(3):
                p[k] = wa * points[a, k] + wb * points[b, k] + wc * points[c, k]
                normal[k] = wa * normals[a, k] + wb * normals[b, k] + wc * normals[c, k]
                albedo[k] = base[k]
            u = wa * uvs[a, 0] + wb * uvs[b, 0] + wc * uvs[c, 0]
            v = wa * uvs[a, 1] + wb * uvs[b, 1] + wc * uvs[c, 1]
            shine = 1.0
            if coloured:
                for k in range(3):
                    albedo[k] *= wa * colours[a, k] + wb * colours[b, k] + wc * colours[c, k]
            if textured:
                _sample(picture, u, v, texel)
                for k in range(3):
                    albedo[k] *= texel[k]
            length = np.sqrt(normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2) + 1e-9
            vx, vy, vz = eye[0] - p[0], eye[1] - p[1], eye[2] - p[2]
            far = np.sqrt(vx * vx + vy * vy + vz * vz) + 1e-9
            vx, vy, vz = vx / far, vy / far, vz / far
            for k in range(3):
                normal[k] /= length
            if two_sided:
                # The side of the face that is seen, not the bent normal's, says which way it looks.
                e1x, e1y, e1z = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
                e2x, e2y, e2z = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
                flat[0], flat[1], flat[2] = e1y * e2z - e1z * e2y, e1z * e2x - e1x * e2z, e1x * e2y - e1y * e2x
                if flat[0] * vx + flat[1] * vy + flat[2] * vz < 0:
                    for k in range(3):
                        normal[k] = -normal[k]
            if bumpy:
                e1x, e1y, e1z = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
                e2x, e2y, e2z = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
                du1, dv1 = uvs[b, 0] - uvs[a, 0], uvs[b, 1] - uvs[a, 1]
                du2, dv2 = uvs[c, 0] - uvs[a, 0], uvs[c, 1] - uvs[a, 1]
                det = du1 * dv2 - du2 * dv1
                if abs(det) > 1e-12:
                    r = 1 / det
                    tangent[0] = (e1x * dv2 - e2x * dv1) * r
                    tangent[1] = (e1y * dv2 - e2y * dv1) * r
                    tangent[2] = (e1z * dv2 - e2z * dv1) * r
                    along = tangent[0] * normal[0] + tangent[1] * normal[1] + tangent[2] * normal[2]
                    for k in range(3):
                        tangent[k] -= along * normal[k]
                    size = np.sqrt(tangent[0] ** 2 + tangent[1] ** 2 + tangent[2] ** 2) + 1e-12
                    hand = -1.0 if det > 0 else 1.0  # v runs downwards
                    for k in range(3):
                        tangent[k] /= size
                    bx = hand * (normal[1] * tangent[2] - normal[2] * tangent[1])
                    by = hand * (normal[2] * tangent[0] - normal[0] * tangent[2])
                    bz = hand * (normal[0] * tangent[1] - normal[1] * tangent[0])
                    _sample(bumps, u, v, bump)
                    nx, ny, nz = bump[0] * bump_scale, bump[1] * bump_scale, bump[2]
                    sx = tangent[0] * nx + bx * ny + normal[0] * nz
                    sy = tangent[1] * nx + by * ny + normal[1] * nz
                    sz = tangent[2] * nx + bz * ny + normal[2] * nz
                    size = np.sqrt(sx * sx + sy * sy + sz * sz) + 1e-9
                    normal[0], normal[1], normal[2] = sx / size, sy / size, sz / size
            n0, n1, n2 = normal[0], normal[1], normal[2]
            seen = max(1e-3, n0 * vx + n1 * vy + n2 * vz)
            # How much of the key light comes through, from nine looks at its depth picture.
            lit = 1.0
            if side > 1:
                ox, oy, oz = p[0] + n0 * 0.0035, p[1] + n1 * 0.0035, p[2] + n2 * 0.0035
                lx = (sun[0, 0] * ox + sun[0, 1] * oy + sun[0, 2] * oz + sun[0, 3]) / sun_half
                ly = (sun[1, 0] * ox + sun[1, 1] * oy + sun[1, 2] * oz + sun[1, 3]) / sun_half
                lz = sun[2, 0] * ox + sun[2, 1] * oy + sun[2, 2] * oz + sun[2, 3]
                sx, sy = (lx + 1) * 0.5 * side - 0.5, (1 - ly) * 0.5 * side - 0.5
                hits, looks = 0.0, 0
                for dy in range(-2, 3):
                    for dx in range(-2, 3):
                        ix, iy = int(np.floor(sx + 0.5 + dx * 1.4)), int(np.floor(sy + 0.5 + dy * 1.4))
                        if 0 <= ix < side and 0 <= iy < side:
                            looks += 1
                            if shadow[iy, ix] <= lz + 0.0025:
                                hits += 1
                if looks:
                    lit = hits / looks
            f0 = 0.04 * specular
            r0, g0, b0 = 0.0, 0.0, 0.0
            rough = max(0.06, roughness)
            a2 = rough**4
            for number_of_light in range(lights.shape[0]):
                lx, ly, lz = lights[number_of_light, 0], lights[number_of_light, 1], lights[number_of_light, 2]
                size = np.sqrt(lx * lx + ly * ly + lz * lz)
                lx, ly, lz = lx / size, ly / size, lz / size
                through = lit if number_of_light == 0 else 1.0
                facing = n0 * lx + n1 * ly + n2 * lz
                for k in range(3):
                    strength = lights[number_of_light, 3 + k]
                    if toon > 0:
                        edge = (facing * 0.5 + 0.5) * 1.0
                        step = (edge - 0.42) / 0.06
                        step = min(1.0, max(0.0, step)) * (1.0 if number_of_light == 0 else 0.0)
                        diffuse = step * min(1.0, through * 1.2)
                    else:
                        wrap = soft * (0.42 if k == 0 else (0.20 if k == 1 else 0.12))
                        diffuse = max(0.0, (facing + wrap) / (1 + wrap))
                        shade = through if soft == 0 else through ** (1.0 - 0.45 * soft * (1.0 if k == 0 else 0.25))
                        diffuse *= shade
                    part = albedo[k] * (1 - metallic) * strength * diffuse / np.pi * 1.35
                    if k == 0:
                        r0 += part
                    elif k == 1:
                        g0 += part
                    else:
                        b0 += part
                if facing > 0 and toon == 0:
                    hx, hy, hz = lx + vx, ly + vy, lz + vz
                    size = np.sqrt(hx * hx + hy * hy + hz * hz) + 1e-9
                    hx, hy, hz = hx / size, hy / size, hz / size
                    nh = max(0.0, n0 * hx + n1 * hy + n2 * hz)
                    vh = max(0.0, vx * hx + vy * hy + vz * hz)
                    d = nh * nh * (a2 - 1) + 1
                    ggx = a2 / (np.pi * d * d)
                    visible = 0.5 / (
                        facing * np.sqrt(seen * seen * (1 - a2) + a2) + seen * np.sqrt(facing * facing * (1 - a2) + a2)
                    )
                    pow5 = (1 - vh) ** 5
                    for k in range(3):
                        f = f0 * (1 - metallic) + albedo[k] * metallic
                        f = f + (1 - f) * pow5 * min(1.0, specular)
                        part = ggx * visible * f * facing * lights[number_of_light, 3 + k] * through * shine
                        part = min(part, 6.0)
                        if k == 0:
                            r0 += part
                        elif k == 1:
                            g0 += part
                        else:
                            b0 += part
            up = n1 * 0.5 + 0.5
            ry = 2 * seen * n1 - vy
            bounce = min(1.0, max(0.0, ry * 0.5 + 0.5))
            c4 = rough * -1.0 + 1.0
            a004 = min(c4 * c4, 2.0 ** (-9.28 * seen)) * c4 + (rough * -0.0275 + 0.0425)
            ab_x, ab_y = -1.04 * a004 + (rough * -0.572 + 1.04), 1.04 * a004 + (rough * 0.022 - 0.04)
            ab_x = (rough * -0.572 + 1.04) - 1.04 * a004
            for k in range(3):
                if toon > 0:
                    level = 0.72
                    part = albedo[k] * level
                else:
                    ambient = sky[1, k] + (sky[0, k] - sky[1, k]) * up
                    part = albedo[k] * (1 - metallic) * ambient * 0.62
                    glow = sky[1, k] + (sky[0, k] - sky[1, k]) * bounce
                    f = f0 * (1 - metallic) + albedo[k] * metallic
                    part += glow * max(0.0, f * ab_x + ab_y * min(1.0, specular) * 0.6) * 0.62
                if k == 0:
                    r0 += part
                elif k == 1:
                    g0 += part
                else:
                    b0 += part
            out[y, x, 0], out[y, x, 1], out[y, x, 2], out[y, x, 3] = r0, g0, b0, 1.0
