// Text between the engine and the core.
#pragma once

#include "Containers/StringConv.h"
#include "CoreMinimal.h"

#include <string>
#include <string_view>

inline std::string ToUtf8(const FString& Text)
{
	const FTCHARToUTF8 Converted(*Text);
	return std::string(Converted.Get(), static_cast<size_t>(Converted.Length()));
}

inline FString FromUtf8(std::string_view Text)
{
	const FUTF8ToTCHAR Converted(Text.data(), static_cast<int32>(Text.size()));
	return FString(Converted.Length(), Converted.Get());
}
